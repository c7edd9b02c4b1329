package emailtest

import (
	"context"
	"slices"
	"sync"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
)

// Sent is a message that an outbox was given.
type Sent struct {
	To      string
	Message emailtemplates.Message
}

// Outbox is a sender that keeps what it is given. The zero value is ready.
type Outbox struct {
	// Err, when set, is what Send returns; nothing is kept then.
	Err error

	mu   sync.Mutex
	sent []Sent
}

// Send keeps the message. A message that could not be written is refused as the
// sender refuses it.
func (o *Outbox) Send(_ context.Context, to string, message emailtemplates.Message) error {
	if o.Err != nil {
		return o.Err
	}
	if _, err := emailtemplates.Render("Test", message); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, Sent{To: to, Message: message})
	return nil
}

// Sent is what was sent so far, the oldest first.
func (o *Outbox) Sent() []Sent {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.sent)
}
