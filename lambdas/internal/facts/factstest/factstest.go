// Package factstest has a user's facts for tests of what is made of facts.
package factstest

import (
	"context"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/facts"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Now is in November 2026.
var Now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// Facts returns the facts of a user with three months and two goals:
//
//   - November: income 2,400, spent 900: groceries 320.50, transport 120, food 80, bills
//     379.50
//   - October: income 2,400, spent 1,000: groceries 280, transport 150, bills 570
//   - September: income 2,000, spent 800: groceries 300, bills 500
//   - credit: Experian 720, Equifax 300; a card with 600 of 2,000 used, a debt of 5,000
//   - budgets: groceries 400, transport 100, which is passed
//   - bills: three due within 30 days, 145.50 together, and others that are not
//   - goal A, vacation: 450 of 1,500 saved; goal B, emergency fund: 2,000 of 6,000 saved
func Facts(t testing.TB) facts.Facts {
	t.Helper()
	known, err := Reader().Read(t.Context(), "ada", Now)
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// Reader returns a reader of the facts.
func Reader() *facts.Reader { return facts.New(Months{}, Goals{}, Budgets{}, Credit{}, Bills{}) }

// Months is the months of the facts.
type Months struct{}

// Months returns the user's months.
func (Months) Months(context.Context, string, string, string) ([]transactionstore.Month, error) {
	return []transactionstore.Month{
		month("2026-11", "2400", "900", 31, map[string]string{"groceries": "320.50", "transport": "120", "food": "80", "bills": "379.50"}),
		month("2026-10", "2400", "1000", 40, map[string]string{"groceries": "280", "transport": "150", "bills": "570"}),
		month("2026-09", "2000", "800", 25, map[string]string{"groceries": "300", "bills": "500"}),
	}, nil
}

// Budgets are the user's budgets.
type Budgets struct{}

// Preferences returns them.
func (Budgets) Preferences(context.Context, string) (tables.BudgetPreferences, error) {
	return tables.BudgetPreferences{Budgets: map[string]tables.Budget{"groceries": {Limit: pounds("400")}, "transport": {Limit: pounds("100")}}}, nil
}

// Credit is what the user entered about their credit.
type Credit struct{}

// Read returns it.
func (Credit) Read(context.Context, string) (creditfigures.Figures, error) {
	return creditfigures.Figures{
		Histories: []creditfigures.History{
			{Bureau: creditfigures.Experian, Scores: []creditfigures.Score{{Bureau: creditfigures.Experian, Month: "2026-10", Value: 720}}},
			{Bureau: creditfigures.Equifax, Scores: []creditfigures.Score{{Bureau: creditfigures.Equifax, Month: "2026-10", Value: 300}}},
		},
		Cards: []creditfigures.Card{{Balance: pounds("600"), Limit: pounds("2000"), MinimumPayment: pounds("20")}},
		Debts: []creditfigures.Debt{{Type: "personal_loan", Total: pounds("8000"), Remaining: pounds("5000"), MonthlyPayment: pounds("200")}},
	}, nil
}

// Bills are the user's bills.
type Bills struct{}

// Read returns bills that are due on the first and the last day that is told, and others.
func (Bills) Read(_ context.Context, _ string, today dates.Day) (billstore.Bills, error) {
	bill := func(due dates.Day, amount string) billstore.Bill {
		return billstore.Bill{
			ID: "bill " + amount, Name: "Margaret's choir", Merchant: "margarets choir", Status: billstore.Active, Due: due, Amount: pounds(amount),
			Schedule: billdetect.ScheduleFrom(billdetect.Yearly, due),
		}
	}
	later, paid, excluded, ended := bill("2026-12-21", "7"), bill("2026-12-01", "11"), bill("2026-12-01", "13"), bill("2026-12-01", "17")
	paid.Paid, excluded.Excluded, ended.Status = true, true, billstore.Cancelled
	return billstore.Bills{Today: today, All: []billstore.Bill{
		bill("2026-11-20", "45.50"), bill("2026-12-01", "60"), bill("2026-12-20", "40"), later, paid, excluded, ended,
	}}, nil
}

func month(name, income, spend string, count int, spent map[string]string) transactionstore.Month {
	m := transactionstore.Month{Month: name, Count: count, Income: pounds(income), Spend: pounds(spend), Categories: map[string]transactionstore.Category{}}
	for code, amount := range spent {
		m.Categories[code] = transactionstore.Category{Spend: pounds(amount)}
	}
	return m
}

// Goals are the goals of the facts.
type Goals struct{}

// Query returns the user's goals.
func (Goals) Query(context.Context, store.Query) (store.Page[tables.Goal], error) {
	return store.Page[tables.Goal]{Items: []tables.Goal{
		{Type: "vacation", Title: "Lisbon with Margaret", TargetAmount: pounds("1500"), CurrentAmount: pounds("450"), TargetDate: Now.AddDate(0, 0, 200).UnixMilli()},
		{Type: "emergency_fund", Title: "Rainy days", TargetAmount: pounds("6000"), CurrentAmount: pounds("2000"), TargetDate: Now.AddDate(0, 0, 400).UnixMilli()},
	}}, nil
}

func pounds(text string) money.Amount {
	amount, err := money.Parse(text)
	if err != nil {
		panic(err)
	}
	return amount
}
