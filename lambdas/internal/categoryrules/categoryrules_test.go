package categoryrules_test

import (
	"os"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/categoryrules"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

func newRules(t *testing.T) *categoryrules.Rules {
	return categoryrules.New(store.New[tables.CategoryRule](dynamotest.Client(t), dynamotest.Table(t, tables.CategoryRules), tables.CategoryRules))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRules_Learnt_AreAppliedToMerchantsOfTheUser(t *testing.T) {
	rules := newRules(t)
	must(t, rules.Learn(t.Context(), "ada", categoryrules.Category(categories.Fuel), "tesco", "tesco", "", "shell"))
	must(t, rules.Learn(t.Context(), "ada", categoryrules.Exclusion(true), "tesco", "pot"))
	must(t, rules.Learn(t.Context(), "eve", categoryrules.Category(categories.Bills), "tesco"))
	must(t, rules.Learn(t.Context(), "ada", categoryrules.Category(categories.Groceries), "tesco"))
	all, err := rules.All(t.Context(), "ada")
	must(t, err)
	if len(all) != 3 {
		t.Fatalf("%d rules: %v", len(all), all)
	}
	for hash, want := range map[string]struct {
		category string
		excluded bool
		ruled    bool
	}{"tesco": {"groceries", true, true}, "shell": {"fuel", false, true}, "pot": {"other", true, false}, "acme": {"other", false, false}, "": {"other", false, false}} {
		made := transactionstore.Transaction{Transaction: tables.Transaction{Category: "other"}}
		ruled := all.Apply(&made, hash)
		if made.Category != want.category || (made.ExcludeChoice != nil) != want.excluded || ruled != want.ruled {
			t.Errorf("%q: got %s, %v, %v", hash, made.Category, made.ExcludeChoice, ruled)
		}
	}
}

func TestApply_ChoiceOfTheTransaction_IsKept(t *testing.T) {
	excluded, included := true, false
	made := transactionstore.Transaction{Transaction: tables.Transaction{ExcludeChoice: &included}}
	categoryrules.Set{"tesco": {Exclude: &excluded}}.Apply(&made, "tesco")
	if *made.ExcludeChoice {
		t.Error("a rule replaced the choice of the transaction")
	}
}
