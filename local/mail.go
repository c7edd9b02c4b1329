package local

import (
	"context"
	"fmt"
)

// Message is an e-mail that Cognito or SES would have sent.
type Message struct {
	// ID is the message id of SES.
	ID string `json:"MessageId"`
	// From is the sender's e-mail address.
	From string `json:"Source"`
	// To are the recipients' e-mail addresses.
	To []string `json:"To"`
	// Subject is the subject line.
	Subject string `json:"Subject"`
	// Text is the plain text of the message; empty when it has none.
	Text string `json:"BodyText"`
	// HTML is the HTML of the message; empty when it has none.
	HTML string `json:"BodyHtml"`
	// Headers are the headers that the sender added.
	Headers []Header `json:"Headers"`
}

// Header is a header of an e-mail.
type Header struct{ Name, Value string }

// Header returns the value of a header, empty when the message does not have it.
func (m Message) Header(name string) string {
	for _, header := range m.Headers {
		if header.Name == name {
			return header.Value
		}
	}
	return ""
}

// Mail returns the e-mails sent so far, the oldest first. The engine keeps them on
// this machine.
func (s *Stage) Mail(ctx context.Context) ([]Message, error) {
	var response struct {
		Messages map[string][]Message `json:"messages"` // by account
	}
	if err := getJSON(ctx, s.EngineURL()+"/_ministack/ses/messages?account="+Account, &response); err != nil {
		return nil, fmt.Errorf("read the e-mails: %w", err)
	}
	return response.Messages[Account], nil
}
