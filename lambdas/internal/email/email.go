package email

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/mail"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// timeout bounds sending an e-mail. SES usually responds within a fraction of a
// second. A client that waits for a response waits no longer than this.
const timeout = 5 * time.Second

// SES is the part of the SES client that is used.
type SES interface {
	SendEmail(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error)
}

// Sender sends messages from the stage's address. It is safe for concurrent use.
type Sender struct {
	ses      SES
	settings emailtemplates.Settings
}

// Open returns the sender of a function that declares Permissions.SendEmail.
func Open(resources *function.Resources) *Sender {
	return New(sesv2.NewFromConfig(resources.AWS), resources.Email())
}

// New returns a sender without checking or fetching anything.
func New(ses SES, settings emailtemplates.Settings) *Sender {
	return &Sender{ses: ses, settings: settings}
}

// Send sends the message to one address. It returns ErrRecipient for an invalid
// address, the context's error when the time is up, and otherwise the code of SES,
// such as "MessageRejected" or "TooManyRequestsException".
func (s *Sender) Send(ctx context.Context, to string, message emailtemplates.Message) error {
	id, err := s.send(ctx, to, message, nil)
	return logged(ctx, message, id, err)
}

// logged logs a message that was sent.
func logged(ctx context.Context, message emailtemplates.Message, id string, err error) error {
	if err != nil {
		return fmt.Errorf("send the e-mail %s: %w", message.Name(), err)
	}
	telemetry.FromContext(ctx).InfoContext(ctx, "e-mail sent", slog.String("mail", message.Name()), slog.String("sesMessageId", id))
	return nil
}

// SendToList sends a message of a list, which its recipients leave with one click on a link
// (RFC 8058). It returns the errors of Send, and does not try again: ErrUnknown says that SES
// may have taken the message, and every other error that SES has not.
func (s *Sender) SendToList(ctx context.Context, to string, message emailtemplates.Message, link string) error {
	headers := []types.MessageHeader{
		{Name: aws.String("List-Unsubscribe"), Value: aws.String("<" + link + ">")},
		{Name: aws.String("List-Unsubscribe-Post"), Value: aws.String("List-Unsubscribe=One-Click")},
	}
	id, err := s.send(ctx, to, message, headers, once)
	return logged(ctx, message, id, err)
}

func once(options *sesv2.Options) { options.RetryMaxAttempts = 1 }

func (s *Sender) send(ctx context.Context, to string, message emailtemplates.Message, headers []types.MessageHeader, options ...func(*sesv2.Options)) (id string, err error) {
	recipient, err := parseRecipient(to)
	if err != nil {
		return "", err
	}
	rendered, err := emailtemplates.Render(s.settings.App, message)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	sent, err := s.ses.SendEmail(ctx, s.input(recipient, rendered, headers), options...)
	if err != nil {
		return "", withoutRecipient(err)
	}
	return aws.ToString(sent.MessageId), nil
}

func (s *Sender) input(recipient string, m emailtemplates.Mail, headers []types.MessageHeader) *sesv2.SendEmailInput {
	from := mail.Address{Name: s.settings.App, Address: s.settings.From}
	in := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(from.String()),
		Destination:      &types.Destination{ToAddresses: []string{recipient}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: content(m.Subject),
			Body:    &types.Body{Text: content(m.Text), Html: content(m.HTML)},
			// Out-of-office programs do not reply to an e-mail with this header (RFC
			// 3834).
			// https://docs.aws.amazon.com/ses/latest/dg/header-fields.html
			Headers: append([]types.MessageHeader{{Name: aws.String("Auto-Submitted"), Value: aws.String("auto-generated")}}, headers...),
		}},
	}
	if s.settings.ReplyTo != "" {
		in.ReplyToAddresses = []string{s.settings.ReplyTo}
	}
	if s.settings.ConfigurationSet != "" {
		in.ConfigurationSetName = aws.String(s.settings.ConfigurationSet)
	}
	return in
}

func content(text string) *types.Content {
	return &types.Content{Data: aws.String(text), Charset: aws.String("UTF-8")}
}

// ErrUnknown is returned when SES may have taken a message or not.
var ErrUnknown = errors.New("SES gave no usable answer")

// withoutRecipient returns the error of a call without the text of SES, which may
// name the recipient. Errors of the connection name the host at most, and stay
// unchanged. It is ErrUnknown unless SES refused the message or was not reached.
func withoutRecipient(err error) error {
	var answer smithy.APIError
	if !errors.As(err, &answer) {
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			return err
		}
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	var status interface{ HTTPStatusCode() int }
	if errors.As(err, &status) && status.HTTPStatusCode() >= http.StatusInternalServerError {
		return fmt.Errorf("%w: %w", ErrUnknown, answered(err, answer))
	}
	return answered(err, answer)
}

// answered returns the error code of SES.
func answered(err error, answer smithy.APIError) error {
	var response interface{ ServiceRequestID() string }
	if errors.As(err, &response) {
		return fmt.Errorf("SES answered %s (request %s)", answer.ErrorCode(), response.ServiceRequestID())
	}
	return fmt.Errorf("SES answered %s", answer.ErrorCode())
}
