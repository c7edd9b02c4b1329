package briefs

import (
	"context"
	"encoding/json"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/budgetstore"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// world is a stage with the account of "ada", and a clock that tests move.
type world struct {
	t                                    *testing.T
	transactions                         *transactionstoretest.Stage
	users, briefs, budgets, goals, marks string
	at                                   atomic.Int64 // in epoch milliseconds
	bills                                []billstore.Bill
}

// account is an item of Users.
type account struct {
	UserID string `dynamodbav:"userId"`
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, transactions: transactionstoretest.New(t),
		users: dynamotest.Table(t, tables.Users), briefs: dynamotest.Table(t, tables.Briefs), budgets: dynamotest.Table(t, tables.Budgets),
		goals: dynamotest.Table(t, tables.Goals), marks: dynamotest.Table(t, tables.CleanupProgress),
	}
	w.setTime("2026-07-15T07:00:00+01:00")
	must(t, w.accounts().Put(t.Context(), account{"ada"}))
	return w
}

func (w *world) setTime(text string) {
	w.t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	must(w.t, err)
	w.at.Store(at.UnixMilli())
}

func (w *world) now() time.Time { return time.UnixMilli(w.at.Load()) }

// Read returns the bills of every user. "gone" has no account.
func (w *world) Read(_ context.Context, userID string, today dates.Day) (billstore.Bills, error) {
	if userID == "gone" {
		return billstore.Bills{}, accounts.ErrNotFound
	}
	return billstore.Bills{Today: today, All: w.bills}, nil
}

func (w *world) accounts() *store.Table[account] {
	return store.New[account](dynamotest.Client(w.t), w.users, tables.Users)
}

func (w *world) readers() *store.Table[tables.BriefReader] {
	return store.New[tables.BriefReader](dynamotest.Client(w.t), w.briefs, tables.Briefs)
}

// maker returns the function as an environment has it that reaches its own table through
// the client.
func (w *world) maker(client store.Client) *maker {
	budgets := store.New[tables.BudgetPreferences](dynamotest.Client(w.t), w.budgets, tables.Budgets)
	return &maker{
		sources: &sources{w.transactions.Store, budgetstore.New(budgets, w.transactions.Store), goals.NewFigures(dynamotest.Client(w.t), w.goals), w},
		guard:   erasure.NewGuard(client, w.users),
		briefs:  store.New[tables.DailyBrief](client, w.briefs, tables.Briefs),
		reports: store.New[tables.MonthlyReport](client, w.briefs, tables.Briefs),
		readers: store.New[tables.BriefReader](client, w.briefs, tables.Briefs),
		now:     w.now,
	}
}

func (w *world) daily(user string) dailyBrief {
	w.t.Helper()
	got, err := w.maker(dynamotest.Client(w.t)).Daily(w.t.Context(), caller(user), function.NoInput{})
	must(w.t, err)
	return got.Brief
}

func (w *world) monthly(user, month string) (monthlyResponse, error) {
	w.t.Helper()
	return w.maker(dynamotest.Client(w.t)).Monthly(w.t.Context(), caller(user), monthlyRequest{month})
}

// ids returns the ids of a user's items.
func (w *world) ids(user string) (ids []string) {
	w.t.Helper()
	page, err := w.readers().Query(w.t.Context(), store.Query{Partition: user, Limit: 100, Consistency: store.Consistent})
	must(w.t, err)
	for _, item := range page.Items {
		ids = append(ids, item.ID)
	}
	return ids
}

// add stores transactions of "ada": the day, the pence, positive for income, and the
// category.
func (w *world) add(rows ...row) {
	w.t.Helper()
	for _, row := range rows {
		made := transactionstore.Transaction{Transaction: tables.Transaction{
			TransactionID: row.day + row.category + time.Duration(row.pence).String(), Category: row.category, Source: transactionstore.Manual,
		}}
		at, err := time.ParseInLocation(time.DateOnly, row.day, calendar.Location())
		must(w.t, err)
		made.SetDate(at.Add(12 * time.Hour))
		made.SetAmount(money.FromMinor(row.pence, 2), row.pence < 0)
		_, err = w.transactions.Apply(w.t.Context(), "ada", []transactionstore.Change{transactionstore.Create(made)})
		must(w.t, err)
	}
}

type row struct {
	day      string
	pence    int64
	category string
}

func caller(user string) function.Caller { return function.Caller{UserID: user} }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func textOfJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	must(t, err)
	return string(text)
}

func pounds(t *testing.T, text string) money.Amount {
	t.Helper()
	amount, err := money.Parse(text)
	must(t, err)
	return amount
}
