package alerts

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// published are the notices of the topic, by id.
type published struct {
	mu      sync.Mutex
	notices map[string]notifications.Notice
	fails   error
}

func (p *published) Publish(_ context.Context, id string, notice notifications.Notice) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notices[id] = notice
	return p.fails
}

// world is a stage on which "ada" has an account, goal "g1" and the alert "a1" of a budget,
// and "gone" has a goal left and no account.
type world struct {
	*alerts
	*detect
	t     *testing.T
	topic *published
	items *store.Table[tables.ProactiveAlert]
	// transactions is the name of the table of transactions.
	transactions string
	at           time.Time
}

type key struct {
	UserID string `dynamodbav:"userId"`
	GoalID string `dynamodbav:"goalId,omitempty"`
	ID     string `dynamodbav:"id,omitempty"`
}

func open[T any](t *testing.T, declared *tables.Table) (*store.Table[T], string) {
	t.Helper()
	name := dynamotest.Table(t, declared)
	return store.New[T](dynamotest.Client(t), name, declared), name
}

func newWorld(t *testing.T) *world {
	t.Helper()
	client := dynamotest.Client(t)
	w := &world{t: t, topic: &published{notices: map[string]notifications.Notice{}}, at: time.Date(2026, 7, 14, 12, 0, 0, 0, time.UTC)}
	users, usersName := open[key](t, tables.Users)
	must(t, users.Put(t.Context(), key{UserID: "ada"}))
	goalItems, goalsName := open[key](t, tables.Goals)
	must(t, goalItems.WriteAll(t.Context(), []key{{UserID: "ada", GoalID: "g1"}, {UserID: "gone", GoalID: "g1"}}, nil))
	budgetItems, budgetsName := open[key](t, tables.Budgets)
	must(t, budgetItems.Put(t.Context(), key{UserID: "ada", ID: "a1"}))
	items, _ := open[tables.ProactiveAlert](t, tables.ProactiveAlerts)
	preferences, _ := open[tables.AlertPreferencesItem](t, tables.NotificationSettings)
	payments, transactionsName := open[payment](t, tables.Transactions)
	now := func() time.Time { return w.at }
	w.items, w.transactions = items, transactionsName
	w.alerts = &alerts{items: items, preferences: preferences, now: now}
	w.detect = &detect{
		guard: erasure.NewGuard(client, usersName), items: items, preferences: preferences,
		goals:   store.New[store.SealedItem](client, goalsName, tables.Goals),
		budgets: store.New[tables.BudgetAlert](client, budgetsName, tables.Budgets), payments: payments, notices: w.topic, now: now,
	}
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func caller(user string) function.Caller { return function.Caller{UserID: user} }

func (w *world) list(user string) listResponse {
	w.t.Helper()
	got, err := w.List(w.t.Context(), caller(user), function.NoInput{})
	must(w.t, err)
	return got
}

func (w *world) reached(user, goal string) error {
	return w.GoalReached(w.t.Context(), goals.GoalReached{UserID: user, GoalID: goal, TargetAmount: money.FromMinor(1050, 2), ReachedAt: w.at.UnixMilli()})
}

func (w *world) crossed(threshold int) error {
	return w.BudgetCrossed(w.t.Context(), budgets.BudgetCrossed{
		UserID: "ada", AlertID: "a1", BudgetID: "groceries", Month: "2026-07", Threshold: threshold,
		Limit: money.FromMinor(20000, 2), Spend: money.FromMinor(int64(200*threshold), 2), CrossedAt: w.at.UnixMilli() + int64(threshold),
	})
}

// putPayment stores an earlier payment in the table of transactions.
func putPayment(w *world, p storedPayment) error {
	return store.New[storedPayment](dynamotest.Client(w.t), w.transactions, tables.Transactions).Put(w.t.Context(), p)
}
