package scrub

import (
	"strings"
	"unicode"

	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
)

// Merchant returns the normalised name of the merchant of a bank's text, without digits,
// and false for a name that may be a person's.
func Merchant(text string) (string, bool) {
	if kind := merchants.KindOf(text); kind != merchants.Purchase && kind != merchants.Refund {
		return "", false
	}
	name := merchants.Normalise(text)
	_, wellKnown := merchants.Category(text)
	var words []string
	for word := range strings.FieldsSeq(name) {
		if !strings.ContainsFunc(word, unicode.IsDigit) && !strings.ContainsAny(word, "@/\\<>{}[]\"`") {
			words = append(words, word)
		}
	}
	name = strings.Join(words, " ")
	if wellKnown {
		return name, name != ""
	}
	return name, isTrade(words)
}

// isTrade reports whether words are a merchant's rather than a person's name.
func isTrade(words []string) bool {
	trade := false
	for _, word := range words {
		if isFirstName()[word] || isTitle()[word] {
			return false
		}
		trade = trade || isTradeWord()[word]
	}
	if len(words) == 1 {
		return len(words[0]) >= 4 && !isSurname()[words[0]]
	}
	return trade
}
