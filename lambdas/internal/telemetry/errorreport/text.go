package errorreport

import (
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

const (
	// maxText is how many bytes of a text are reported. A longer text is cut.
	maxText = 1 << 10
	// maxRead is how many bytes of a text are redacted. Redacting takes up to 0.2 ms
	// a kilobyte.
	maxRead = 4 * maxText
)

// clean redacts a text and cuts it to size. It first cuts a long text between words,
// because half a token would not be recognised.
func clean(text string) string {
	length := len(text)
	if length > maxRead {
		text = text[:1+strings.LastIndexByte(text[:maxRead], ' ')]
	}
	wasLonger := len(text) < length
	text = telemetry.RedactText(text)
	if len(text) > maxText {
		return cut(text, maxText)
	}
	if wasLonger {
		text += "…"
	}
	return text
}

// cut returns the beginning of a redacted text, with an ellipsis when some is left out.
func cut(text string, size int) string {
	if len(text) <= size {
		return text
	}
	return strings.ToValidUTF8(text[:size], "") + "…"
}
