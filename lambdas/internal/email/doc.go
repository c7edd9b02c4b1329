// Package email sends the messages of package emailtemplates through SES.
//
// A use case declares the part that it needs, so its test uses emailtest.Outbox
// instead of SES:
//
//	mail interface {
//		Send(ctx context.Context, to string, message emailtemplates.Message) error
//	}
//
//	err := u.mail.Send(ctx, account.Email, emailtemplates.PasswordChanged{At: now})
//
// Sending takes 5 seconds at most, including the SDK's retries. An attempt whose
// response is lost is retried, so a message can arrive twice. A short throttle of SES
// loses no message. SendToList makes one attempt, so that a message of a list arrives once
// at most, and says whether another attempt is safe.
//
// Errors and log lines never name the recipient. They leave out the text of SES,
// which may name the recipient. A text that is not exactly one address is refused
// before anything is sent.
package email
