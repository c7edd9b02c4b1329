package remote

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"time"

	"github.com/expenzez/infrastructure/local"
)

// Mailbox gets the e-mails to throw-away users.
type Mailbox interface {
	// Address returns the e-mail address of a user.
	Address(username string) string
	// Messages returns the e-mails to the address, oldest first.
	Messages(ctx context.Context, address string) ([]local.Message, error)
}

const (
	mailTimeout  = 2 * time.Minute // SES delivers within seconds
	mailInterval = 2 * time.Second
)

var codePattern = regexp.MustCompile(`\b[0-9]{6}\b`)

// AwaitCode returns the code in the newest e-mail to the address. It waits for the e-mail,
// at most two minutes.
func AwaitCode(ctx context.Context, box Mailbox, address string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	for {
		messages, err := box.Messages(ctx, address)
		if err != nil {
			return "", fmt.Errorf("read the mailbox: %w", err)
		}
		if len(messages) > 0 {
			if code, err := codeOf(messages[len(messages)-1]); err != nil || code != "" {
				return code, err
			}
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("no code came to %s", address)
		case <-time.After(mailInterval):
		}
	}
}

// codeOf returns the code in the visible text of an e-mail, or nothing.
func codeOf(message local.Message) (string, error) {
	text, err := message.PlainText()
	return codePattern.FindString(text), err
}

// engineMailbox has the e-mails that the engine of a local stage keeps.
type engineMailbox struct{ stage *local.Stage }

func (b engineMailbox) Address(username string) string { return username + "@example.com" }

func (b engineMailbox) Messages(ctx context.Context, address string) (found []local.Message, err error) {
	all, err := b.stage.Mail(ctx)
	for _, message := range all {
		if len(message.To) == 1 && message.To[0] == address {
			found = append(found, message)
		}
	}
	return found, err
}

func isLocal(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && parsed.Scheme == "http" && parsed.Hostname() == "127.0.0.1"
}
