package emailtest

import (
	"context"
	"slices"
	"sync"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
)

// Sent is a message that was sent to an outbox.
type Sent struct {
	To      string
	Message emailtemplates.Message
	// Link is the link to leave the list. It is empty for a message of no list.
	Link string
}

// Outbox is a sender that stores its messages. The zero value is ready.
type Outbox struct {
	// Err is the error of Send, which then stores nothing. Default: none.
	Err error

	mu   sync.Mutex
	sent []Sent
}

// Send stores the message. It refuses an incomplete message as the sender does.
func (o *Outbox) Send(ctx context.Context, to string, message emailtemplates.Message) error {
	return o.SendToList(ctx, to, message, "")
}

// SendToList stores the message of a list, as Send does.
func (o *Outbox) SendToList(_ context.Context, to string, message emailtemplates.Message, link string) error {
	if o.Err != nil {
		return o.Err
	}
	if _, err := emailtemplates.Render("Test", message); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, Sent{To: to, Message: message, Link: link})
	return nil
}

// Sent returns the messages so far, the oldest first.
func (o *Outbox) Sent() []Sent {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.sent)
}
