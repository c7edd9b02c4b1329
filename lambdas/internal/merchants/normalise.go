package merchants

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxKey is the maximum length of a key in characters: banks cut texts there.
const maxKey = 22

// Normalise returns the key of the merchant or payee that a bank's text names. It is
// empty for a text without content only.
func Normalise(text string) string {
	key := Fold(text)
	for {
		next := shorten(key)
		if next == key {
			return key
		}
		key = next
	}
}

// shorten applies the first rule that changes the text, or cuts it to the length of a key.
func shorten(text string) string {
	if next := applyRule(text); next != text {
		return next
	}
	if utf8.RuneCountInString(text) > maxKey {
		return tidy(string([]rune(text)[:maxKey]))
	}
	return text
}

// applyRule applies the first rule that changes the text, or returns the text.
func applyRule(text string) string {
	hasDigit := strings.ContainsAny(text, "0123456789")
	for _, r := range rules() {
		if !r.mayMatch(text, hasDigit) || r.except != nil && r.except.MatchString(text) {
			continue
		}
		next := tidy(r.pattern.ReplaceAllString(text, r.to))
		if next != text && (saysSomething(next) || r.named && isShortName(next)) {
			return next
		}
	}
	return text
}

// tidy removes what separates words from the ends of a text.
func tidy(text string) string {
	return Fold(strings.Trim(text, " ,.-–:;/*¦_()[]#"))
}

// saysSomething reports whether a text names a merchant: it has three letters or more in
// words without digits.
func saysSomething(text string) bool {
	letters := 0
	for _, word := range strings.Fields(text) {
		if strings.ContainsFunc(word, unicode.IsDigit) {
			continue
		}
		for _, r := range word {
			if unicode.IsLetter(r) {
				letters++
			}
		}
	}
	return letters >= 3
}

// isShortName reports whether a text may be a whole name that is too short to say
// something, such as O2 or EE. It has a letter in a word with one digit at most: more
// are a reference.
func isShortName(text string) bool {
	return slices.ContainsFunc(strings.Fields(text), func(word string) bool {
		digits := 0
		for _, r := range word {
			if unicode.IsDigit(r) {
				digits++
			}
		}
		return digits <= 1 && strings.ContainsFunc(word, unicode.IsLetter)
	})
}
