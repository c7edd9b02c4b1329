package emailtemplates

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Digest tells what was noticed until a time. It has no text that a user wrote.
type Digest struct {
	At      time.Time
	Noticed []Noticed
	// More is how many notifications there are beside those in Noticed.
	More int
}

// Noticed is a notification, as the feed of the app shows it.
type Noticed struct{ Title, Message string }

// Name is "digest".
func (Digest) Name() string { return "digest" }

var errNothingNoticed = errors.New("the field Noticed is empty")

func (m Digest) values() (map[string]string, error) {
	values, err := at(m.At)
	if err != nil {
		return nil, err
	}
	if len(m.Noticed) == 0 {
		return nil, errNothingNoticed
	}
	var parts []string
	for _, noticed := range m.Noticed {
		parts = append(parts, wrapped(noticed.Title)+"\n"+wrapped(noticed.Message))
	}
	switch {
	case m.More == 1:
		parts = append(parts, "1 more is in the app.")
	case m.More > 1:
		parts = append(parts, fmt.Sprintf("%d more are in the app.", m.More))
	}
	values["Noticed"] = strings.Join(parts, "\n\n")
	return values, nil
}

// maxLine is the length of lines that every mail program shows whole.
// https://datatracker.ietf.org/doc/html/rfc5322#section-2.1.1
const maxLine = 78

// wrapped returns a text in lines. A word is never cut.
func wrapped(text string) string {
	var lines strings.Builder
	length := 0
	for _, word := range strings.Fields(text) {
		size := len([]rune(word))
		switch {
		case length == 0:
		case length+1+size > maxLine:
			lines.WriteByte('\n')
			length = 0
		default:
			lines.WriteByte(' ')
			length++
		}
		lines.WriteString(word)
		length += size
	}
	return lines.String()
}
