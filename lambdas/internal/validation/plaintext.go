package validation

import (
	"strings"
	"unicode"
)

// hasMarkup tells whether there is a place where an HTML parser would begin a
// tag, a comment or a declaration.
// https://html.spec.whatwg.org/multipage/parsing.html#tag-open-state
var hasMarkup = matches(`<[A-Za-z/!?]`)

// isPlainText tells whether a text is nothing but text to whatever shows it: no
// control characters, no invisible ones that turn or hide what is around them,
// and no markup. "5 < 6" and "I <3 tea" are text.
func isPlainText(text string) bool {
	return !strings.ContainsFunc(text, hides) && !hasMarkup(text)
}

func hides(r rune) bool {
	switch {
	case r == '\u200c', r == '\u200d': // joiners, of Persian and Indic scripts and of emoji
		return false
	case r >= '\U000e0020' && r <= '\U000e007f': // the letters in the flags of England, Scotland and Wales
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
