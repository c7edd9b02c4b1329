package statements

import (
	"regexp"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/money"
)

// printedAmount matches an amount: two decimals, thousands with or without commas. Other numbers, such as
// telephone numbers, are no amounts.
var printedAmount = regexp.MustCompile(`^([-+\x{2212}]?)([\x{00a3}\x{20ac}$]?)([-+\x{2212}]?)(\d{1,3}(?:,\d{3})+|\d+)\.(\d{2})(CR|DR|DB|OD|D|-)?$`)

// amount is a printed amount.
type amount struct {
	value money.Amount
	// credit is true for an amount marked CR, debit for one marked OD, D, DR, DB or with a minus sign behind it.
	credit, debit bool
	// foreign is true for an amount with another currency's sign.
	foreign bool
}

// parseAmount returns the amount that a word is.
func parseAmount(text string) (amount, bool) {
	parts := printedAmount.FindStringSubmatch(text)
	if parts == nil {
		return amount{}, false
	}
	value, err := money.Parse(strings.ReplaceAll(parts[4], ",", "") + "." + parts[5])
	if err != nil {
		return amount{}, false
	}
	a := amount{value: value, foreign: parts[2] == "\u20ac" || parts[2] == "$"}
	if strings.ContainsAny(parts[1]+parts[3], "-\u2212") {
		a.value = value.Neg()
	}
	a.mark(parts[6])
	return a, true
}

// isMark reports whether a word that follows an amount is its mark.
func isMark(text string) bool {
	switch text {
	case "CR", "DR", "DB", "OD", "D":
		return true
	}
	return false
}

// mark applies the mark behind an amount.
func (a *amount) mark(mark string) {
	switch mark {
	case "CR":
		a.credit = true
	case "DR", "DB", "OD", "D", "-":
		a.debit = true
	}
}

// balance returns the amount as a balance: an overdrawn one is negative.
func (a amount) balance() money.Amount {
	if a.debit {
		return a.value.Neg()
	}
	return a.value
}
