package billtest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/billdetect/billtest"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
)

func TestMake_SameSeed_MakesTheSameHistory(t *testing.T) {
	first, again, other := fmt.Sprint(billtest.Make(7, 3)), fmt.Sprint(billtest.Make(7, 3)), fmt.Sprint(billtest.Make(8, 3))
	if first != again || first == other {
		t.Error("a history does not follow from its seed")
	}
}

func TestMake_Merchants_AreThoseOfTheTexts(t *testing.T) {
	for user := range 5 {
		for _, transaction := range billtest.Make(9, user).Transactions {
			want := merchants.Normalise(transaction.Text)
			if merchants.KindOf(transaction.Text).BetweenAccounts() {
				want = ""
			}
			if transaction.Merchant != want {
				t.Fatalf("%q is of %q, not of %q", transaction.Text, transaction.Merchant, want)
			}
		}
	}
}

// The histories have each kind of bill and of noise, and the payments of a bill are
// transactions of its merchant.
func TestMake_Histories_HaveEachKindOfBill(t *testing.T) {
	cadences, kinds := map[billdetect.Cadence]int{}, map[string]int{}
	var ended, rose, habits, missing int
	for user := range 100 {
		history := billtest.Make(billtest.WorkSeed, user)
		groups := history.Merchants()
		if history.Missing {
			missing++
		}
		bills := map[string]bool{}
		for _, bill := range history.Bills {
			cadences[bill.Cadence]++
			kinds[bill.Kind]++
			bills[bill.Merchant] = true
			if bill.Ended {
				ended++
			}
			if bill.Rose {
				rose++
			}
			for _, id := range bill.Payments {
				if !slices.ContainsFunc(groups[bill.Merchant], func(p billdetect.Payment) bool { return p.ID == id }) {
					t.Fatalf("user %d: payment %s of %s is not with its merchant", user, id, bill.Merchant)
				}
			}
		}
		habits += len(groups) - len(bills)
	}
	for _, cadence := range billdetect.Cadences {
		if cadences[cadence] < 15 {
			t.Errorf("%d bills are %s", cadences[cadence], cadence)
		}
	}
	if kinds["resumed"] < 5 || kinds["resumed on another day"] < 5 || missing < 5 || missing > 25 {
		t.Errorf("kinds %v, %d with months not imported", kinds, missing)
	}
	if len(kinds) < 13 || ended < 100 || rose < 100 || habits < 1000 {
		t.Errorf("kinds %v, %d ended, %d with another price, %d merchants without a bill", kinds, ended, rose, habits)
	}
}
