package transactionstore

import (
	"regexp"
	"strings"
	"sync"
)

// ownMoney finds texts of money that stays the user's own: transfers, savings, payments
// of a credit card's bill, and round-ups. The app has the same rule for rows without an
// explicit choice. "Card payment to" a shop is an ordinary purchase at several banks.
var ownMoney = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(strings.Join([]string{
		`transfer`, `internal`, `\bxfer\b`, `mobile-channel ft`,
		`\bsavings?\b`, `\b(to|from) (\w+ )?pot\b`, `\bpot (deposit|withdrawal)\b`,
		`credit[- ]card`, `card (bill|repayment)`, `payment(,| received -| -)? thank you`,
		`round[- ]?ups?\b`, `save the change`,
	}, "|"))
})

// suggestsExclusion reports whether a transaction is neither spending nor income as long
// as the user has not said so.
func suggestsExclusion(t *Transaction) bool {
	for _, text := range []string{t.Category, t.Text.Description, t.Text.Merchant, t.Text.Original} {
		if ownMoney().MatchString(strings.ToLower(text)) {
			return true
		}
	}
	return false
}
