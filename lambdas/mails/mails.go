package mails

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"path"
	"strings"
	"sync"
	text "text/template"
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

//go:embed templates
var files embed.FS

// templates are the parsed files. Each message has sets of its own, by name, so
// that every one can define its "subject" and "content".
type templates struct {
	texts map[string]*text.Template
	htmls map[string]*template.Template
}

var parsed = sync.OnceValues(parse)

func parse() (templates, error) {
	pages, err := files.ReadDir("templates")
	if err != nil {
		return templates{}, err
	}
	all := templates{texts: map[string]*text.Template{}, htmls: map[string]*template.Template{}}
	css := template.FuncMap{"css": style, "dark": darkStyle}
	for _, page := range pages {
		name, kind, _ := strings.Cut(page.Name(), ".")
		layout, own := "templates/layout."+kind, "templates/"+page.Name()
		switch {
		case name == "layout":
		case kind == "txt":
			all.texts[name], err = text.New(path.Base(layout)).Option("missingkey=error").ParseFS(files, layout, own)
		default:
			all.htmls[name], err = template.New(path.Base(layout)).Option("missingkey=error").Funcs(css).ParseFS(files, layout, own)
		}
		if err != nil {
			return templates{}, err
		}
	}
	return all, nil
}

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
	all, err := parsed()
	if err != nil {
		return Mail{}, err
	}
	var subject, plain, html strings.Builder
	values["App"] = app
	if err := all.texts[message.Name()].ExecuteTemplate(&subject, "subject", values); err != nil {
		return Mail{}, err
	}
	if strings.ContainsAny(subject.String(), "\r\n") {
		return Mail{}, errTwoLines
	}
	values["Subject"] = subject.String()
	if err := all.texts[message.Name()].Execute(&plain, values); err != nil {
		return Mail{}, err
	}
	if err := all.htmls[message.Name()].Execute(&html, values); err != nil {
		return Mail{}, err
	}
	return Mail{Subject: subject.String(), Text: plain.String(), HTML: html.String()}, nil
}

// cognitoPlaceholder is what Cognito replaces by the code.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-message-customizations.html
const cognitoPlaceholder = "{####}"

// CognitoCode is the message template of a user pool. Cognito uses the same one
// for the code at sign-up and for the code of a forgotten password, and sends the
// HTML alone.
func CognitoCode(app string) (Mail, error) {
	return Render(app, Code{Code: cognitoPlaceholder})
}
