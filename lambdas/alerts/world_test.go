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
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed/sealedtest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// published are the notices of the topic, by id, and all of them in their order.
type published struct {
	mu      sync.Mutex
	notices map[string]notifications.Notice
	all     []notifications.Notice
	fails   error
}

func (p *published) Publish(_ context.Context, id string, notice notifications.Notice) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notices[id], p.all = notice, append(p.all, notice)
	return p.fails
}

// noon is the time of a new world.
var noon = time.Date(2026, 7, 14, 12, 0, 0, 0, time.UTC)

// world is a stage on which "ada" has an account, goal "g1" and the alert "a1" of a budget,
// and "gone" has a goal left and no account.
type world struct {
	*alerts
	*detect
	bills *bills
	t     *testing.T
	topic *published
	items *store.Table[tables.ProactiveAlert]
	// records are the bills of "ada".
	records sealedtest.Table[tables.BillRecord]
	names   map[*tables.Table]string
	at      time.Time
}

type key struct {
	UserID string `dynamodbav:"userId"`
	GoalID string `dynamodbav:"goalId,omitempty"`
	ID     string `dynamodbav:"id,omitempty"`
}

func open[T any](w *world, client store.Client, declared *tables.Table) *store.Table[T] {
	return store.New[T](client, w.names[declared], declared)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, topic: &published{notices: map[string]notifications.Notice{}}, at: noon, names: map[*tables.Table]string{}}
	for _, table := range []*tables.Table{tables.Users, tables.Goals, tables.Budgets, tables.ProactiveAlerts, tables.NotificationSettings, tables.NotificationHistory, tables.Deliveries, tables.Transactions} {
		w.names[table] = dynamotest.Table(t, table)
	}
	client := dynamotest.Client(t)
	must(t, open[key](w, client, tables.Users).Put(t.Context(), key{UserID: "ada"}))
	must(t, open[key](w, client, tables.Goals).WriteAll(t.Context(), []key{{UserID: "ada", GoalID: "g1"}, {UserID: "gone", GoalID: "g1"}}, nil))
	must(t, open[key](w, client, tables.Budgets).Put(t.Context(), key{UserID: "ada", ID: "a1"}))
	w.records = sealedtest.New[tables.BillRecord](t, tables.Bills, "ada")
	w.items = open[tables.ProactiveAlert](w, client, tables.ProactiveAlerts)
	w.alerts = &alerts{items: w.items, preferences: open[tables.AlertPreferencesItem](w, client, tables.NotificationSettings), now: w.now}
	w.detect, w.bills = w.consumers(dynamotest.NewLife(0, false))
	return w
}

func (w *world) now() time.Time { return w.at }

// consumers returns the consumers as an environment has them that lives so long.
func (w *world) consumers(life *dynamotest.Life) (*detect, *bills) {
	w.t.Helper()
	client := life.Client(w.t)
	made := &raiser{erasure.NewGuard(client, w.names[tables.Users]), open[tables.ProactiveAlert](w, client, tables.ProactiveAlerts), &publisher{life, w.topic}}
	preferences := open[tables.AlertPreferencesItem](w, client, tables.NotificationSettings)
	return &detect{
			raiser: made, preferences: preferences, goals: open[store.SealedItem](w, client, tables.Goals),
			budgets: open[tables.BudgetAlert](w, client, tables.Budgets), payments: open[payment](w, client, tables.Transactions), now: w.now,
		},
		&bills{made, preferences, billstore.New(w.records.Table, w.records.Raw, w.now), w.now}
}

// publisher publishes to the topic while the environment lives.
type publisher struct {
	life  *dynamotest.Life
	topic *published
}

func (p *publisher) Publish(ctx context.Context, id string, notice notifications.Notice) error {
	return p.life.Call(func() error { return p.topic.Publish(ctx, id, notice) })
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
	return w.GoalReached(w.t.Context(), goalReached(user, goal))
}

func goalReached(user, goal string) goals.GoalReached {
	return goals.GoalReached{UserID: user, GoalID: goal, TargetAmount: money.FromMinor(1050, 2), ReachedAt: noon.UnixMilli()}
}

func (w *world) crossed(threshold int) error {
	return w.BudgetCrossed(w.t.Context(), budgetCrossed(threshold))
}

func budgetCrossed(threshold int) budgets.BudgetCrossed {
	return budgets.BudgetCrossed{
		UserID: "ada", AlertID: "a1", BudgetID: "groceries", Month: "2026-07", Threshold: threshold,
		Limit: money.FromMinor(20000, 2), Spend: money.FromMinor(int64(200*threshold), 2), CrossedAt: noon.UnixMilli() + int64(threshold),
	}
}

// putPayment stores an earlier payment in the table of transactions.
func putPayment(w *world, p storedPayment) error {
	return open[storedPayment](w, dynamotest.Client(w.t), tables.Transactions).Put(w.t.Context(), p)
}
