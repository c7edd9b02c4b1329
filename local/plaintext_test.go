package local_test

import (
	"testing"

	"github.com/expenzez/infrastructure/local"
)

func TestPlainText_HTMLMessage_IsReadable(t *testing.T) {
	const page = `<!doctype html><html><head><title>Not this</title><style>p { color: red }</style></head><body>
<h1>Your  code</h1><p>It is <b>12</b>34
&amp; more.</p><table><tr><th>Device:</th><td><a>Phone</a></td></tr></table></body></html>`
	for name, c := range map[string]struct {
		message local.Message
		want    string
	}{
		"its text":              {local.Message{Text: "Hello\n", HTML: "<p>Hi</p>"}, "Hello\n"},
		"its HTML":              {local.Message{HTML: page}, "Your code\n\nIt is 1234 & more.\n\nDevice: Phone"},
		"a text in place of it": {local.Message{HTML: "Your code is 1234."}, "Your code is 1234."},
		"nothing":               {local.Message{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := c.message.PlainText(); err != nil || got != c.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
