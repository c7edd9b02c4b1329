package scrub

import (
	"strings"
	"unicode"

	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
)

// Merchant returns what may leave of the merchant of a bank's text: the name of a well-known one, words of trade, and
// ordinary words. It returns false for a text that may be a person's name, and for one that says nothing of a trade.
func Merchant(text string) (string, bool) {
	if kind := merchants.KindOf(text); kind != merchants.Purchase && kind != merchants.Refund {
		return "", false
	}
	name := merchants.Normalise(text)
	wellKnown := merchants.WellKnown(name)
	all := strings.Fields(strings.TrimPrefix(name, wellKnown))
	leaving, hasTrade := []string{}, wellKnown != ""
	if hasTrade {
		leaving = append(leaving, wellKnown)
	}
	for _, word := range all {
		word = strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		switch {
		case word == "" || strings.ContainsFunc(word, unicode.IsDigit):
		case isFirstName()[word] || isTitle()[word] || isInitial(word):
			return "", false
		case isTradeWord()[word] && len(all) > 1, isBrand()[word]:
			leaving, hasTrade = append(leaving, word), true
		case isOrdinary(word):
			leaving = append(leaving, word)
		}
	}
	return strings.Join(leaving, " "), hasTrade
}

// isInitial reports whether a word is a letter that stands for a name.
func isInitial(word string) bool {
	return len([]rune(word)) == 1 && word != "a" && word != "n" && word != "i"
}
