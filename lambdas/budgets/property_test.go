package budgets

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var spentOn = []categories.Code{categories.Food, categories.Groceries, categories.Travel, categories.PersonalCare, categories.Transfer, categories.Salary}

// row draws a transaction of a manual entry or an import: a debit, a refund, a transfer
// between accounts, or one that the user left out of spending or put back.
func row(t *rapid.T, id string) transactionstore.Transaction {
	made := transactionstore.Transaction{
		Transaction: tables.Transaction{TransactionID: id, Category: string(rapid.SampledFrom(spentOn).Draw(t, "category"))},
		Text:        transactionstore.Texts{Description: rapid.SampledFrom([]string{"Tesco", "To savings", "Refund", "Round up"}).Draw(t, "text")},
	}
	made.Source = rapid.SampledFrom([]string{transactionstore.Manual, transactionstore.CSV}).Draw(t, "source")
	day := rapid.SampledFrom([]string{"2026-06-30", "2026-07-01", "2026-07-14", "2026-07-31", "2026-08-01"}).Draw(t, "day")
	at, _ := time.Parse(time.DateOnly, day)
	made.SetDate(at.Add(time.Duration(rapid.IntRange(0, 22).Draw(t, "hour")) * time.Hour))
	made.SetAmount(money.FromMinor(rapid.Int64Range(1, 99999).Draw(t, "pence"), 2), rapid.Bool().Draw(t, "debit"))
	switch rapid.IntRange(0, 4).Draw(t, "choice") {
	case 0, 1:
		made.ExcludeChoice = new(bool)
		*made.ExcludeChoice = rapid.Bool().Draw(t, "excluded")
	case 2:
		made.TransferID = "other-leg"
	}
	return made
}

// history makes random changes of a user's transactions: imports, creations, edits and
// deletions.
func history(t *rapid.T, s *transactionstore.Store, user string) {
	for range rapid.IntRange(1, 6).Draw(t, "steps") {
		var changes []transactionstore.Change
		first := rapid.IntRange(0, 20).Draw(t, "first")
		for i := range rapid.IntRange(1, 8).Draw(t, "rows") {
			id := fmt.Sprint("t", first+i)
			switch edited := row(t, id); rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				changes = append(changes, transactionstore.Delete(id))
			case 1:
				changes = append(changes, transactionstore.Edit(id, func(t *transactionstore.Transaction) error {
					t.Amount, t.Day, t.At, t.Category, t.ExcludeChoice = edited.Amount, edited.Day, edited.At, edited.Category, edited.ExcludeChoice
					return nil
				}))
			default:
				changes = append(changes, transactionstore.Create(edited))
			}
		}
		if _, err := s.Apply(context.Background(), user, changes); err != nil {
			t.Fatal(err)
		}
	}
}

// sumOfList adds up what the list of a month has under a filter, without what is excluded.
func sumOfList(t *rapid.T, s *transactionstore.Store, user, month, category string) money.Amount {
	page, err := s.List(context.Background(), user, transactionstore.Filter{
		From: dates.Day(month + "-01"), To: dates.Day(month + "-31"), Category: category, Type: "debit",
	}, 1000, "")
	if err != nil {
		t.Fatal(err)
	}
	var sum money.Amount
	for _, one := range page.Transactions {
		if !one.Excluded {
			sum = sum.Add(one.Amount.Abs())
		}
	}
	return sum
}

func TestOf_RandomHistories_SpendIsTheSumOfTheList(t *testing.T) {
	w, users := newWorld(t), 0
	rapid.Check(t, func(r *rapid.T) {
		users++
		user := fmt.Sprint("user-", users)
		stored := tables.BudgetPreferences{UserID: user, ID: tables.BudgetPreferencesID, Budgets: map[string]tables.Budget{tables.MonthlyBudgetID: {Limit: pounds(500)}}}
		for _, code := range spentOn {
			stored.Budgets[string(code)] = tables.Budget{Limit: pounds(100)}
		}
		must(t, w.budgets.Put(context.Background(), stored))
		history(r, w.stage.Store, user)
		for _, month := range []string{"2026-06", "2026-07", "2026-08"} {
			found, err := w.reader().Of(context.Background(), user, month)
			if err != nil || len(found) != len(stored.Budgets) || !found[0].Monthly() {
				r.Fatalf("got %+v, %v", found, err)
			}
			for _, budget := range found {
				category := budget.ID
				if budget.Monthly() {
					category = ""
				}
				if want := sumOfList(r, w.stage.Store, user, month, category); !budget.Spend.Equal(want) {
					r.Fatalf("%s of %s has %s, the list adds up to %s", budget.ID, month, budget.Spend, want)
				}
			}
		}
	})
}
