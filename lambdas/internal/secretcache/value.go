package secretcache

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"

	"github.com/expenzez/infrastructure/lambdas/internal/redact"
)

// Value is the value of a secret. Printed, logged or encoded, it is redact.Marker.
// The zero value is the empty text.
//
// The text is behind a pointer. In a private field of another struct, fmt does not
// call a value's methods and prints its content; of a pointer it prints the address.
type Value struct{ text *string }

// NewValue returns the text as a value, for tests and for values from other sources.
func NewValue(text string) Value { return Value{&text} }

// Reveal returns the secret itself.
func (v Value) Reveal() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

// Equal compares with a text. Its time depends only on the lengths.
func (v Value) Equal(text string) bool {
	return subtle.ConstantTimeCompare([]byte(v.Reveal()), []byte(text)) == 1
}

// String returns redact.Marker.
func (v Value) String() string { return redact.Marker }

// Format writes redact.Marker for every verb.
func (v Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redact.Marker) }

// LogValue returns redact.Marker.
func (v Value) LogValue() slog.Value { return slog.StringValue(redact.Marker) }

// MarshalText returns redact.Marker, for JSON and every other encoding.
func (v Value) MarshalText() ([]byte, error) { return []byte(redact.Marker), nil }
