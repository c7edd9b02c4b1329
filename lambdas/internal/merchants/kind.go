package merchants

import (
	"regexp"
	"sync"
)

// Kind is what kind of payment a text describes.
type Kind string

// The kinds. A payment of no special kind is a Purchase.
const (
	Purchase Kind = "purchase"
	// OwnTransfer is money that moves between accounts, pots or spaces of one user.
	OwnTransfer Kind = "own-transfer"
	// CardBill is the payment of a credit card's bill, on the side of the account, and
	// CardBillReceipt the same on the side of the card.
	CardBill        Kind = "card-bill"
	CardBillReceipt Kind = "card-bill-receipt"
	// Cash is money that is taken out of a machine, and CashIn money that is paid in.
	Cash   Kind = "cash"
	CashIn Kind = "cash-in"
	// Fee is a fee or interest of the bank.
	Fee Kind = "fee"
	// Salary is the pay of an employer.
	Salary Kind = "salary"
	// Refund is money that comes back from a merchant, or a direct debit that is returned.
	Refund Kind = "refund"
)

// kinds are the patterns of kinds in folded texts, the more special first.
var kinds = sync.OnceValue(func() (compiled []kindPattern) {
	for _, k := range []struct {
		kind    Kind
		pattern string
	}{
		{CardBillReceipt, `^payment(?: received)?[ ,-]+thank you|^payment received\b|^direct debit payment - thank you`},
		{CardBill, `^(?:direct debit (?:payment )?to |dd |d/d )?(?:barclaycard|american express|amex|mbna|capital one|vanquis|aqua card)\b`},
		{OwnTransfer, `\bxfer\b|\bmobile-channel ft\b|\bsave the change\b|^round[ -]?ups?(?: (?:to|from|transfer|savings)\b.*)?$|\b(?:to|from) pot\b|\bpot_[a-z0-9]+|\bpot transfer\b|\bto a/c \d|\bfrom a/c \d|\binternal transfer\b|\b(?:between|own) accounts\b|\btransfer (?:to|from) (?:savings|my |space)`},
		{Refund, `\brefund\b|\breturned (?:direct debit|dd)\b|\bunpaid (?:direct debit|dd)\b|\breversal\b`},
		{Salary, `\bsalary\b|\bwages\b|\bpayroll\b`},
		{CashIn, `^cash paid in\b|^counter credit\b`},
		{Cash, `^(?:cash withdrawal|cash machine|cashpoint|atm|lnk|cpt)\b`},
		{Fee, `\bdaily od int\b|\boverdraft (?:usage )?(?:fee|interest)\b|\bnon-(?:gbp|sterling) trans(?:action)? fee\b|\baccount fee\b|\btotal interest charged\b|\bunpaid item fee\b`},
	} {
		compiled = append(compiled, kindPattern{k.kind, regexp.MustCompile(k.pattern)})
	}
	return compiled
})

type kindPattern struct {
	kind    Kind
	pattern *regexp.Regexp
}

// KindOf returns the kind of the payment that a bank's text describes.
func KindOf(text string) Kind {
	folded := Fold(text)
	for _, k := range kinds() {
		if k.pattern.MatchString(folded) {
			return k.kind
		}
	}
	return Purchase
}

// BetweenAccounts reports whether the kind moves money between accounts of one user, so
// that it is neither spending nor income.
func (k Kind) BetweenAccounts() bool {
	return k == OwnTransfer || k == CardBill || k == CardBillReceipt
}
