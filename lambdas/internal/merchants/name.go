package merchants

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Name returns the merchant or payee that a bank's text names, for users to read: what Normalise compares, whole,
// and with capitals. It is empty for a text without content.
func Name(text string) string {
	name := Fold(text)
	for next := applyRule(name); next != name; next = applyRule(name) {
		name = next
	}
	words := strings.Fields(name)
	for i, word := range words {
		first, size := utf8.DecodeRuneInString(word)
		words[i] = string(unicode.ToUpper(first)) + word[size:]
	}
	return strings.Join(words, " ")
}
