package merchants_test

import (
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
)

func TestName_TextsOfBanks_AreNamesForUsers(t *testing.T) {
	for text, want := range map[string]string{
		"CARD PAYMENT TO SQ *ACME COFFEE,3.20 GBP, RATE 1.00/GBP ON 02-07-2026": "Acme Coffee",
		"Direct Debit to NORTHERN COUNTIES WATER BOARD Ref: 123":                "Northern Counties Water Board", // longer than a key
		"INT'L 0012345678 CAFE 42":                                              "Cafe 42",
		"   ":                                                                   "",
	} {
		if got := merchants.Name(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
