package alerts

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/mornings"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// maxCalls is more than the calls of one delivery.
const maxCalls = 9

// cause is an event, as an environment takes it.
type cause struct {
	name    string
	deliver func(*detect, *bills) error
}

// causes returns an event of each kind. The visit finds a bill that is due, and its price
// rose.
func (w *world) causes() []cause {
	w.history("groceries", 20, 20, 20, 20, 20, 20, 20, 20)
	w.pays("filmhouse", "2026-02-16", 999, 999, 999, 1199, 1199)
	paid := func(id string, pounds int64) func(*detect, *bills) error {
		return func(d *detect, _ *bills) error {
			state := &transactions.TransactionState{Day: "2026-07-14", Amount: money.FromMinor(-100*pounds, 2), Category: "groceries"}
			return d.TransactionChanged(w.t.Context(), transactions.TransactionChanged{UserID: "ada", TransactionID: id, Kind: transactions.TransactionCreated, After: state})
		}
	}
	return []cause{
		{"goal", func(d *detect, _ *bills) error { return d.GoalReached(w.t.Context(), goalReached("ada", "g1")) }},
		{"budget", func(d *detect, _ *bills) error { return d.BudgetCrossed(w.t.Context(), budgetCrossed(80)) }},
		{"large payment", paid("large", 600)},
		{"unusual payment", paid("unusual", 90)},
		{"bill due and price rise", func(_ *detect, b *bills) error {
			return b.Visit(w.t.Context(), mornings.Request{UserID: "ada", Day: w.today()})
		}},
	}
}

// An environment is killed at each of its calls, and that call arrives or not. Its message
// comes again, twice, and so does each message for the feed and the push. Each cause has one
// alert, one notice, one entry in the feed and one push.
func TestDetect_KilledAtAnyCall_MakesOneAlertOneNoticeOneEntryAndOnePush(t *testing.T) {
	kills := map[string]int{}
	for call := 1; call <= maxCalls; call++ {
		for _, arrives := range []bool{false, true} {
			w := newWorld(t)
			for _, cause := range w.causes() {
				if err := cause.deliver(w.consumers(dynamotest.NewLife(call, arrives))); errors.Is(err, dynamotest.ErrKilled) {
					kills[cause.name]++
				} else {
					must(t, err)
				}
				for range 2 {
					w.at = w.at.Add(time.Minute)
					must(t, cause.deliver(w.detect, w.bills))
				}
			}
			w.isOnce(fmt.Sprintf("killed at call %d, which arrives: %t", call, arrives))
		}
	}
	for _, cause := range newWorld(t).causes() {
		if kills[cause.name] < 10 {
			t.Errorf("%s: killed %d times", cause.name, kills[cause.name])
		}
	}
}

// isOnce fails the test unless each of the six causes has one alert, one notice, one entry
// in the feed and one push.
func (w *world) isOnce(when string) {
	w.t.Helper()
	if got := w.list("ada"); got.TotalCount != 6 || len(w.topic.notices) != 6 {
		w.t.Errorf("%s: %d alerts and %d notices", when, got.TotalCount, len(w.topic.notices))
	}
	after := newDownstream(w)
	feed, push := after.consumer(notifications.Feed), after.consumer(notifications.Push)
	for range 2 {
		for _, notice := range w.topic.all {
			if !reflect.DeepEqual(notice, w.topic.notices[notice.Cause]) {
				w.t.Errorf("%s: %+v is published as %+v, too", when, notice, w.topic.notices[notice.Cause])
			}
			feed(notifications.Noticed.Topic, notice)
			push(notifications.Noticed.Topic, notice)
		}
		feed(goals.Reached.Topic, goalReached("ada", "g1"))
		feed(budgets.Crossed.Topic, budgetCrossed(80))
	}
	if entries, pushed := len(after.entries(w.t)), len(after.expo.Taken()); entries != 6 || pushed != 6 {
		w.t.Errorf("%s: %d entries in the feed and %d pushes", when, entries, pushed)
	}
}

// The app marks a notification as read by the id that the push gives it.
func TestDetect_IDsOfPushes_AreThoseOfTheFeed(t *testing.T) {
	w := newWorld(t)
	changed := budgetCrossed(100)
	changed.BudgetChangedAt = noon.UnixMilli() - 1
	for _, cause := range w.causes() {
		must(t, cause.deliver(w.detect, w.bills))
	}
	must(t, w.BudgetCrossed(t.Context(), changed))
	after := newDownstream(w)
	feed, push := after.consumer(notifications.Feed), after.consumer(notifications.Push)
	feed(goals.Reached.Topic, goalReached("ada", "g1"))
	feed(budgets.Crossed.Topic, budgetCrossed(80))
	feed(budgets.Crossed.Topic, changed)
	for _, notice := range w.topic.all {
		feed(notifications.Noticed.Topic, notice)
		push(notifications.Noticed.Topic, notice)
	}
	var entered, pushed []string
	for _, entry := range after.entries(t) {
		entered = append(entered, entry.ID)
	}
	for _, message := range after.expo.Taken() {
		pushed = append(pushed, fmt.Sprint(message.Data["notificationId"]))
	}
	slices.Sort(pushed)
	if len(pushed) != 7 || !slices.Equal(entered, pushed) {
		t.Errorf("entered %q, pushed %q", entered, pushed)
	}
}
