// Package email sends the messages of package emailtemplates through SES.
//
// A use case declares the part it needs, so that its test needs no SES
// (emailtest.Outbox stands in):
//
//	mail interface {
//		Send(ctx context.Context, to string, message emailtemplates.Message) error
//	}
//
//	err := u.mail.Send(ctx, account.Email, emailtemplates.PasswordChanged{At: now})
//
// Sending takes 5 seconds at most, the SDK's attempts included. An attempt whose
// answer is lost is made again, so a message can arrive twice; none is lost
// because SES was busy for a moment.
//
// Who a message goes to is in no error and no log line: SES's own text, which may
// name the recipient, is left out. An address that is not exactly one address is
// refused before anything is sent.
package email
