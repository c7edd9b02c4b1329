package notifications

import (
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

type account struct {
	UserID string `dynamodbav:"userId"`
}

type storedGoal struct {
	UserID string `dynamodbav:"userId"`
	GoalID string `dynamodbav:"goalId"`
}

func newTable[T any](t *testing.T, declared *tables.Table) (*store.Table[T], string) {
	t.Helper()
	name := dynamotest.Table(t, declared)
	return store.New[T](dynamotest.Client(t), name, declared), name
}

// newFeed returns the feed of a stage on which "ada" has an account, the goals "g1" and
// "g2" and an alert of a budget, and "gone" has goal "g1" and the alert left and no account.
func newFeed(t *testing.T) *feed {
	t.Helper()
	users, name := newTable[account](t, tables.Users)
	must(t, users.Put(t.Context(), account{"ada"}))
	stored, goalsName := newTable[storedGoal](t, tables.Goals)
	must(t, stored.WriteAll(t.Context(), []storedGoal{{"ada", "g1"}, {"ada", "g2"}, {"gone", "g1"}}, nil))
	alerts, _ := newTable[tables.BudgetAlert](t, tables.Budgets)
	must(t, alerts.WriteAll(t.Context(), []tables.BudgetAlert{{UserID: "ada", ID: alertID}, {UserID: "gone", ID: alertID}}, nil))
	history, _ := newTable[tables.Notification](t, tables.NotificationHistory)
	return &feed{
		guard:   erasure.NewGuard(dynamotest.Client(t), name),
		goals:   store.New[store.SealedItem](dynamotest.Client(t), goalsName, tables.Goals),
		budgets: alerts,
		history: history,
	}
}

const alertID = "alert#2026-07#food"

func (f *feed) all(t *testing.T, user string) []tables.Notification {
	t.Helper()
	page, err := f.history.Query(t.Context(), store.Query{Partition: user, Limit: 10, Consistency: store.Consistent})
	must(t, err)
	return page.Items
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func reached(user, goal string, at int64) goals.GoalReached {
	return goals.GoalReached{UserID: user, GoalID: goal, TargetAmount: money.FromMinor(1050, 2), CurrentAmount: money.FromMinor(1100, 2), ReachedAt: at}
}

func TestAddGoal_ReachedGoals_AreListedInOrderOfTime(t *testing.T) {
	f := newFeed(t)
	must(t, f.AddGoal(t.Context(), reached("ada", "g2", 1_800_000_000_000)))
	must(t, f.AddGoal(t.Context(), reached("ada", "g1", 1_700_000_000_000)))
	got := f.all(t, "ada")
	if len(got) != 2 || got[0].GoalID != "g1" || got[1].GoalID != "g2" {
		t.Fatalf("got %+v", got)
	}
	first := got[0]
	if first.Type != "insight" || first.Event != "goal-reached" || first.Amount.String() != "10.5" || first.Read ||
		first.CreatedAt != 1_700_000_000_000 || first.ExpiresAt != 1_700_000_000+90*24*60*60 {
		t.Errorf("got %+v", first)
	}
}

func TestAddGoal_RepeatedMessage_LeavesTheItemAsItIs(t *testing.T) {
	f := newFeed(t)
	message := reached("ada", "g1", 1_700_000_000_000)
	must(t, f.AddGoal(t.Context(), message))
	read := f.all(t, "ada")[0]
	read.Read = true // the user has read it
	must(t, f.history.Put(t.Context(), read))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := f.AddGoal(t.Context(), message); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := f.all(t, "ada"); len(got) != 1 || !got[0].Read {
		t.Errorf("got %+v", got)
	}
}

// A message may come weeks after the account, or the goal, was erased.
func TestAddGoal_AfterErasure_WritesNothing(t *testing.T) {
	f := newFeed(t)
	must(t, f.AddGoal(t.Context(), reached("gone", "g1", 1_700_000_000_000)))
	must(t, f.AddGoal(t.Context(), reached("ada", "deleted", 1_700_000_000_000)))
	if got := append(f.all(t, "gone"), f.all(t, "ada")...); len(got) != 0 {
		t.Errorf("written %+v", got)
	}
}

func TestAddGoal_MessageWithoutIDs_Fails(t *testing.T) {
	f := newFeed(t)
	if err := f.AddGoal(t.Context(), goals.GoalReached{}); err == nil {
		t.Error("a message about no goal counts as handled")
	}
}

func crossed(user, alert string) budgets.BudgetCrossed {
	return budgets.BudgetCrossed{
		UserID: user, AlertID: alert, BudgetID: "food", Month: "2026-07", Threshold: 80,
		Limit: money.FromMinor(100, 0), Spend: money.FromMinor(8050, 2), CrossedAt: 1_700_000_000_000,
	}
}

func TestAddBudget_RepeatedMessage_MakesOneItem(t *testing.T) {
	f := newFeed(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := f.AddBudget(t.Context(), crossed("ada", alertID)); err != nil && !errors.Is(err, store.ErrConflict) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	must(t, f.AddBudget(t.Context(), crossed("ada", alertID)))
	got := f.all(t, "ada")
	if len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
	one := got[0]
	if one.Type != "budget" || one.Event != "budget-crossed" || one.BudgetID != "food" || one.Threshold != 80 || one.Limit.String() != "100" ||
		one.Amount.String() != "80.5" || one.Read || one.CreatedAt != 1_700_000_000_000 || one.ExpiresAt != 1_700_000_000+90*24*60*60 {
		t.Errorf("got %+v", one)
	}
}

func TestAddBudget_AfterErasure_WritesNothing(t *testing.T) {
	f := newFeed(t)
	must(t, f.AddBudget(t.Context(), crossed("gone", alertID)))
	must(t, f.AddBudget(t.Context(), crossed("ada", "alert#2026-07#deleted")))
	if got := append(f.all(t, "gone"), f.all(t, "ada")...); len(got) != 0 {
		t.Errorf("written %+v", got)
	}
}

func TestAddNotice_EachCause_IsEnteredOnce(t *testing.T) {
	f := newFeed(t)
	notice := Notice{UserID: "ada", Cause: "payment-t1", At: 1_700_000_000_000, Type: "transaction", Event: LargePayment, TransactionID: "t1", Day: "2023-11-14", Amount: money.FromMinor(50000, 2)}
	gone, goal, sent := notice, notice, notice
	gone.UserID, goal.Event, sent.Event = "gone", goals.Reached.Name, Sent
	for _, n := range []Notice{notice, notice, gone, goal, sent} {
		must(t, f.AddNotice(t.Context(), n))
	}
	if got := append(f.all(t, "ada"), f.all(t, "gone")...); len(got) != 1 || got[0].TransactionID != "t1" || got[0].Event != LargePayment {
		t.Errorf("got %+v", got)
	}
}
