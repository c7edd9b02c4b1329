package alerts

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

func TestDetect_GoalsAndBudgets_AreListedNewestFirst(t *testing.T) {
	w := newWorld(t)
	must(t, w.reached("ada", "g1"))
	for _, threshold := range []int{80, 95, 120} {
		must(t, w.crossed(threshold))
	}
	got := w.list("ada")
	if got.TotalCount != 4 || got.UnacknowledgedCount != 4 {
		t.Fatalf("got %+v", got)
	}
	for i, want := range []string{
		"BUDGET_EXCEEDED URGENT 120 You have spent £240.00, and your budget is £200.00.",
		"BUDGET_WARNING_90 HIGH 95 You have spent £190.00, 95 % of your budget of £200.00.",
		"BUDGET_WARNING_80 MEDIUM 80 You have spent £160.00, 80 % of your budget of £200.00.",
		"GOAL_ACHIEVED MEDIUM 0 You have reached a goal of £10.50.",
	} {
		a := got.Alerts[i]
		if text := fmt.Sprint(a.Type, " ", a.Priority, " ", a.Metadata.Percentage, " ", a.Message); text != want || a.Status != "PENDING" || a.Title == "" {
			t.Errorf("%d: got %s", i, text)
		}
	}
	if remaining := got.Alerts[0].Metadata.Remaining; remaining == nil || remaining.String() != "-40" {
		t.Errorf("remaining is %v", remaining)
	}
	if len(w.topic.notices) != 4 {
		t.Errorf("published %v", w.topic.notices)
	}
}

func TestDetect_SameMessageAtOnce_MakesOneAlertAndOneNotice(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := w.reached("ada", "g1"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := w.list("ada"); got.TotalCount != 1 || len(w.topic.notices) != 1 {
		t.Errorf("got %+v and %v", got, w.topic.notices)
	}
}

// A budget whose limit was changed is a new one: its crossing alerts although the user has
// dismissed the alert of the earlier limit.
func TestBudgetCrossed_ChangedBudget_AlertsAgain(t *testing.T) {
	w := newWorld(t)
	for step, changedAt := range []int64{0, 1_700_000_000_000, 1_700_000_060_000} { // an earlier version had no time
		message := budgetCrossed(80)
		message.BudgetChangedAt, message.CrossedAt = changedAt, message.CrossedAt+int64(step)
		for range 2 {
			must(t, w.BudgetCrossed(t.Context(), message))
		}
		got := w.list("ada")
		if got.TotalCount != 1 || len(w.topic.all) != step+1 || got.Alerts[0].AlertID != message.Cause() {
			t.Fatalf("changed at %d: got %+v and %v", changedAt, got, w.topic.notices)
		}
		_, err := w.Dismiss(t.Context(), caller("ada"), alertRequest{got.Alerts[0].AlertID})
		must(t, err)
	}
	if len(w.topic.notices) != 3 {
		t.Errorf("published %v", w.topic.notices)
	}
}

// A consumer that ends between the alert and its notice gets the message again.
func TestDetect_PublishFails_MessageThatComesAgainPublishes(t *testing.T) {
	w := newWorld(t)
	w.topic.fails = errors.New("SNS is down")
	if err := w.reached("ada", "g1"); !errors.Is(err, w.topic.fails) {
		t.Errorf("got %v", err)
	}
	clear(w.topic.notices)
	w.topic.fails = nil
	must(t, w.reached("ada", "g1"))
	if got := w.list("ada"); got.TotalCount != 1 || len(w.topic.notices) != 1 {
		t.Errorf("got %+v and %v", got, w.topic.notices)
	}
}

func TestAlerts_AcknowledgedOrDismissed_DoNotComeBack(t *testing.T) {
	w := newWorld(t)
	must(t, w.reached("ada", "g1"))
	must(t, w.crossed(80))
	seen, err := w.Acknowledge(t.Context(), caller("ada"), alertRequest{"goal-g1"})
	if err != nil || seen.Alert.Status != "ACKNOWLEDGED" || seen.Alert.AlertID != "goal-g1" {
		t.Errorf("got %+v, %v", seen, err)
	}
	for range 2 {
		if _, err := w.Dismiss(t.Context(), caller("ada"), alertRequest{"budget-2026-07-groceries-80"}); err != nil {
			t.Error(err)
		}
	}
	dismissed, err := w.Acknowledge(t.Context(), caller("ada"), alertRequest{"budget-2026-07-groceries-80"})
	if err != nil || dismissed.Alert.Status != "DISMISSED" {
		t.Errorf("got %+v, %v", dismissed, err)
	}
	must(t, w.reached("ada", "g1"))
	must(t, w.crossed(80))
	if got := w.list("ada"); got.TotalCount != 0 {
		t.Errorf("came back: %+v", got)
	}
}

func TestAlerts_OfAnotherUser_AreNotFound(t *testing.T) {
	w := newWorld(t)
	must(t, w.reached("ada", "g1"))
	for _, id := range []string{"goal-g1", "none"} {
		if _, err := w.Acknowledge(t.Context(), caller("eve"), alertRequest{id}); !errors.Is(err, errNoAlert) {
			t.Errorf("%s: got %v", id, err)
		}
		if _, err := w.Dismiss(t.Context(), caller("eve"), alertRequest{id}); !errors.Is(err, errNoAlert) {
			t.Errorf("%s: got %v", id, err)
		}
	}
	if w.list("ada").TotalCount != 1 || w.list("eve").TotalCount != 0 {
		t.Error("another user's alert was changed")
	}
}

func TestDetect_AfterErasure_WritesNothing(t *testing.T) {
	w := newWorld(t)
	must(t, w.reached("gone", "g1"))
	must(t, w.reached("ada", "deleted"))
	if got := append(w.list("gone").Alerts, w.list("ada").Alerts...); len(got) != 0 {
		t.Errorf("written %+v", got)
	}
}

func TestList_OldAlert_IsLeftOut(t *testing.T) {
	w := newWorld(t)
	must(t, w.reached("ada", "g1"))
	w.at = w.at.Add(shownFor + time.Hour)
	if got := w.list("ada"); got.TotalCount != 0 {
		t.Errorf("got %+v", got)
	}
}

// spend reports a payment of so many pounds.
func (w *world) spend(id, day, category string, pounds int64) {
	w.t.Helper()
	must(w.t, w.TransactionChanged(w.t.Context(), transactions.TransactionChanged{
		UserID: "ada", TransactionID: id, Kind: transactions.TransactionCreated,
		After: &transactions.TransactionState{Day: day, Amount: money.FromMinor(-100*pounds, 2), Category: category},
	}))
}

// storedPayment is an earlier payment as the table has it.
type storedPayment struct {
	payment
	Position string `dynamodbav:"position"`
}

func (w *world) history(category string, pounds ...int64) {
	w.t.Helper()
	for i, amount := range pounds {
		day := w.at.AddDate(0, 0, -10-i).Format(time.DateOnly)
		p := payment{UserID: "ada", TransactionID: fmt.Sprint(category, i), Amount: money.FromMinor(-100*amount, 2), Category: category}
		must(w.t, putPayment(w, storedPayment{p, day + "#" + p.TransactionID}))
	}
}

func TestTransactionChanged_Payments_LargeAndUnusualOnesAlert(t *testing.T) {
	w := newWorld(t)
	w.history("groceries", 10, 20, 20, 20, 20, 20, 20, 30, 900)
	w.history("travel", 10, 10, 10) // too few to say what is usual
	w.spend("usual", "2026-07-14", "groceries", 59)
	w.spend("unusual", "2026-07-14", "groceries", 60)
	w.spend("unknown", "2026-07-14", "travel", 499)
	w.spend("large", "2026-07-13", "travel", 500)
	w.spend("old", "2026-07-01", "travel", 5000)
	w.spend("small", "2026-07-14", "groceries", 49)
	w.spend("income", "2026-07-14", "salary", -5000)
	got := w.list("ada")
	if got.TotalCount != 2 || got.Alerts[0].AlertID != "payment-unusual" || got.Alerts[1].AlertID != "payment-large" {
		t.Fatalf("got %+v", got)
	}
	if a := got.Alerts[0]; a.Type != "SPENDING_ANOMALY" || a.Metadata.TransactionID != "unusual" ||
		a.Message != "A payment of £60.00 on groceries was made on 14 July. You usually pay less." {
		t.Errorf("got %+v", a)
	}
	if n := w.topic.notices["payment-large"]; n.Type != "transaction" || n.Event != notifications.LargePayment {
		t.Errorf("published %+v", n)
	}
}

func TestDetect_PreferencesOff_AlertOfNothing(t *testing.T) {
	w := newWorld(t)
	in := routetest.MustRead[preferencesRequest](t, `{"enableGoalAlerts":false,"enableBudgetAlerts":false,"enableSpendingAnomalyAlerts":false}`, nil)
	_, err := w.SetPreferences(t.Context(), caller("ada"), in)
	must(t, err)
	must(t, w.reached("ada", "g1"))
	must(t, w.crossed(80))
	w.spend("large", "2026-07-14", "travel", 5000)
	if got := w.list("ada"); got.TotalCount != 0 || len(w.topic.notices) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestSetPreferences_Parts_ChangeTheirFields(t *testing.T) {
	w := newWorld(t)
	first, err := w.Preferences(t.Context(), caller("ada"), function.NoInput{})
	if err != nil || !first.EnableGoalAlerts || first.QuietHoursStart != "22:00" || first.MaxAlertsPerDay != 10 || first.UpdatedAt != "" {
		t.Errorf("got %+v, %v", first, err)
	}
	var all sync.WaitGroup
	for _, body := range []string{`{"quietHoursStart":"21:30"}`, `{"quietHoursEnd":"06:00"}`, `{"maxAlertsPerDay":0}`, `{"enableGoalAlerts":false}`} {
		all.Go(func() {
			in := routetest.MustRead[preferencesRequest](t, body, nil)
			if _, err := w.SetPreferences(t.Context(), caller("ada"), in); err != nil {
				t.Errorf("%s: %v", body, err)
			}
		})
	}
	all.Wait()
	got, err := w.Preferences(t.Context(), caller("ada"), function.NoInput{})
	if err != nil || got.QuietHoursStart != "21:30" || got.QuietHoursEnd != "06:00" || got.MaxAlertsPerDay != 0 || got.EnableGoalAlerts || !got.EnableBudgetAlerts || got.UpdatedAt == "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestSetPreferences_QuietHoursThatAreNone_AreRefused(t *testing.T) {
	w := newWorld(t)
	for body, taken := range map[string]bool{
		`{"quietHoursStart":"24:00"}`: false, `{"quietHoursStart":"9:00"}`: false, `{"quietHoursStart":""}`: false, `{"quietHoursEnd":"ab:cd"}`: false,
		`{"quietHoursStart":"","quietHoursEnd":""}`: true, `{"quietHoursStart":"23:59","quietHoursEnd":"00:00"}`: true, `{}`: true,
	} {
		_, err := w.SetPreferences(t.Context(), caller("eve"), routetest.MustRead[preferencesRequest](t, body, nil))
		if (err == nil) != taken || err != nil && !errors.Is(err, errQuietHours) {
			t.Errorf("%s: got %v", body, err)
		}
		must(t, w.alerts.preferences.Delete(t.Context(), []any{"eve", tables.AlertPreferencesID}))
	}
}
