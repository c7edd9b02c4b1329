package validation

import (
	"strings"
	"unicode"
)

// hasMarkup reports whether an HTML parser would find a tag, a comment or a
// declaration.
// https://html.spec.whatwg.org/multipage/parsing.html#tag-open-state
var hasMarkup = matches(`<[A-Za-z/!?]`)

// isPlainText reports whether a text is safe to display. It has no control
// characters, no invisible characters that reverse or hide other text, and no markup.
// "5 < 6" and "I <3 tea" are plain text.
func isPlainText(text string) bool {
	return !strings.ContainsFunc(text, hides) && !hasMarkup(text)
}

func hides(r rune) bool {
	switch {
	case r == '\u200c', r == '\u200d': // joiners of Persian and Indic scripts and of emoji
		return false
	case r >= '\U000e0020' && r <= '\U000e007f': // letters in the flags of England, Scotland and Wales
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
