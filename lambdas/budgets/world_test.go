package budgets

import (
	"context"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/budgetstore"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure/erasuretest"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// plans are the users with the premium plan.
type plans map[string]bool

func (p plans) Of(_ context.Context, caller function.Caller) (entitlement.Entitlement, error) {
	if p[caller.UserID] {
		return entitlement.Entitlement{Plan: tables.Premium}, nil
	}
	return entitlement.Entitlement{Plan: tables.Free}, nil
}

// published are the messages of a topic by their id. failures is how many times it fails
// first.
type published struct {
	messages map[string]BudgetCrossed
	order    []string
	failures int
}

func (p *published) Publish(_ context.Context, id string, message BudgetCrossed) error {
	if p.failures > 0 {
		p.failures--
		return transactionstoretest.ErrFault
	}
	p.messages[id], p.order = message, append(p.order, id)
	return nil
}

// thresholds returns the budgets and thresholds of the messages so far, in order.
func (p *published) thresholds() (found []string) {
	for _, id := range p.order {
		m := p.messages[id]
		found = append(found, m.BudgetID+" "+strconv.Itoa(m.Threshold)+" "+m.Spend.String()+" of "+m.Limit.String())
	}
	return found
}

// world is a stage with transactions, on which "ada" and "paid" have accounts, "paid" the
// premium plan, and "gone" none. Its clock stands at noon on 15 July 2026.
type world struct {
	t     testing.TB
	stage *transactionstoretest.Stage
	guard *erasure.Guard
	// accounts are those of the guard.
	accounts erasuretest.Accounts
	budgets  *store.Table[tables.BudgetPreferences]
	alerts   *store.Table[tables.BudgetAlert]
	sent     *published
	at       time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	client, usersName, name := dynamotest.Client(t), dynamotest.Table(t, tables.Users), dynamotest.Table(t, tables.Budgets)
	accounts := store.New[struct {
		UserID string `dynamodbav:"userId"`
	}](client, usersName, tables.Users)
	for _, user := range []string{"ada", "paid"} {
		must(t, accounts.Put(t.Context(), struct {
			UserID string `dynamodbav:"userId"`
		}{user}))
	}
	return &world{
		t: t, stage: transactionstoretest.New(t), guard: erasure.NewGuard(client, usersName), accounts: erasuretest.Of(t, usersName),
		budgets: store.New[tables.BudgetPreferences](client, name, tables.Budgets),
		alerts:  store.New[tables.BudgetAlert](client, name, tables.Budgets),
		sent:    &published{messages: map[string]BudgetCrossed{}}, at: time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC),
	}
}

func (w *world) now() time.Time { return w.at }

func (w *world) reader() *budgetstore.Reader { return budgetstore.New(w.budgets, w.stage.Store) }

func (w *world) edit() *edit { return &edit{w.budgets, plans{"paid": true}, w.now} }

func (w *world) list() *list { return &list{w.reader(), w.alerts, w.now} }

func (w *world) watcher() *alerts {
	return &alerts{guard: w.guard, budgets: w.reader(), preferences: w.budgets, alerts: w.alerts, crossed: w.sent, now: w.now}
}

// put saves budgets a minute later.
func (w *world) put(user, body string) (preferences, error) {
	w.t.Helper()
	w.at = w.at.Add(time.Minute)
	response, err := w.edit().Update(w.t.Context(), caller(user), routetest.MustRead[preferencesRequest](w.t, body, nil))
	return response.BudgetPreferences, err
}

func (w *world) mustPut(user, body string) preferences {
	w.t.Helper()
	saved, err := w.put(user, body)
	must(w.t, err)
	return saved
}

// preferences returns a user's budgets as served.
func (w *world) preferences(user string) preferences {
	w.t.Helper()
	response, err := w.list().Preferences(w.t.Context(), caller(user), function.NoInput{})
	must(w.t, err)
	return response.BudgetPreferences
}

// spend stores a debit of so many pounds and has the change evaluated.
func (w *world) spend(user, id, day, category string, pounds int64) error {
	w.t.Helper()
	made := transactionstore.Transaction{Transaction: tables.Transaction{TransactionID: id, Category: category, Source: transactionstore.Manual}}
	at, err := time.Parse(time.DateOnly, day)
	must(w.t, err)
	made.SetDate(at)
	made.SetAmount(money.FromMinor(pounds, 0), true)
	_, err = w.stage.Apply(w.t.Context(), user, []transactionstore.Change{transactionstore.Create(made)})
	must(w.t, err)
	return w.watcher().Evaluate(w.t.Context(), created(user, id, day))
}

func created(user, id, day string) transactions.TransactionChanged {
	return transactions.TransactionChanged{UserID: user, TransactionID: id, Kind: transactions.TransactionCreated, After: &transactions.TransactionState{Day: day}}
}

func caller(user string) function.Caller { return function.Caller{UserID: user} }

// words returns the categories and limits of budgets, sorted.
func (p preferences) words() (found []string) {
	for word, limit := range p.CategoryBudgets {
		found = append(found, word+" "+limit.String())
	}
	slices.Sort(found)
	return found
}
