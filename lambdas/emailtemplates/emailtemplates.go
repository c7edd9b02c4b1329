package emailtemplates

import (
	"embed"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates/placeholder"
)

// Message is one of the e-mails, with what it shows.
type Message interface {
	// Name is what the message's templates, its preview and its log lines are
	// called, such as "new_device".
	Name() string
	// values are what the templates show. The error names what is missing.
	values() (map[string]string, error)
}

// Mail is a message as it is sent.
type Mail struct {
	// Subject is one line.
	Subject string
	// Text and HTML say the same.
	Text string
	HTML string
}

// files are the messages, finished but for their values: what compile made of its
// templates.
//
//go:generate go run ./compile
//go:embed compiled
var files embed.FS

var errTwoLines = errors.New("the subject has more than one line: look at the app's name")

// Render writes the message in the name of the app. It returns an error for a
// message that lacks something.
func Render(app string, message Message) (Mail, error) {
	mail, err := render(app, message)
	if err != nil {
		return Mail{}, fmt.Errorf("write the e-mail %s: %w", message.Name(), err)
	}
	return mail, nil
}

func render(app string, message Message) (Mail, error) {
	values, err := message.values()
	if err != nil {
		return Mail{}, err
	}
	values["App"] = app
	text, err := files.ReadFile("compiled/" + message.Name() + ".txt")
	if err != nil {
		return Mail{}, err
	}
	page, err := files.ReadFile("compiled/" + message.Name() + ".html")
	if err != nil {
		return Mail{}, err
	}
	title, body, _ := strings.Cut(strings.TrimPrefix(string(text), "Subject: "), "\n\n")

	var mail Mail
	if mail.Subject, err = placeholder.Fill(title, values, unchanged); err != nil {
		return Mail{}, err
	}
	if strings.ContainsAny(mail.Subject, "\r\n") {
		return Mail{}, errTwoLines
	}
	values["Subject"] = mail.Subject
	if mail.Text, err = placeholder.Fill(body, values, unchanged); err != nil {
		return Mail{}, err
	}
	mail.HTML, err = placeholder.Fill(string(page), values, htmlLines)
	return mail, err
}

// htmlLines returns a value as HTML, with the lines that it has.
func htmlLines(value string) string {
	return strings.ReplaceAll(html.EscapeString(value), "\n", "<br>\n")
}

func unchanged(value string) string { return value }

// cognitoPlaceholder is what Cognito replaces by the code.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-message-customizations.html
const cognitoPlaceholder = "{####}"

// CognitoCode is the message template of a user pool. Cognito uses the same one
// for the code at sign-up and for the code of a forgotten password, and sends the
// HTML alone.
func CognitoCode(app string) (Mail, error) {
	return Render(app, Code{Code: cognitoPlaceholder})
}
