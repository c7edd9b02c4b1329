// Package testkit has the helpers that tests of many packages share.
//
//	testkit.Must(t, err)
//	limit := testkit.Pounds(t, "12.50")
package testkit

import (
	"testing"

	"github.com/expenzez/infrastructure/lambdas/money"
)

// Must ends the test when err is an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Pounds returns the amount that the text is. It ends the test when the text is no amount.
func Pounds(t testing.TB, text string) money.Amount {
	t.Helper()
	amount, err := money.Parse(text)
	Must(t, err)
	return amount
}
