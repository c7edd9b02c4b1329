// Package emailtemplates writes the e-mails of the backend: what each says, as plain text
// and as HTML. Package email sends them.
//
//	mail, err := emailtemplates.Render("Expenzez", emailtemplates.PasswordChanged{At: now})
//
// A message is a Go struct with what the e-mail shows, and a pair of templates in
// compile/templates: a text and an HTML that say the same words. Their frame is
// layout.txt and layout.html. Command compile makes finished pages of them, in
// compiled, where only the values are missing. The code that Cognito sends is one
// of the messages (CognitoCode).
//
// The values in a message may come from an attacker, who signs up with the address of
// another person or names a device. So no message greets by name or has a link,
// text is escaped where it stands, and a device's name is reduced to letters and
// digits, which no mail program turns into a link.
//
// The stacks and the functions both import this package. It knows neither CDK nor
// AWS.
//
// docs/emails.md shows every message and says how to change one.
package emailtemplates
