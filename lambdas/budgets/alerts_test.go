package budgets

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/budgetstore"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

func TestEvaluate_ThresholdsReached_AreAlertsOnce(t *testing.T) {
	w := newWorld(t)
	w.mustPut("ada", `{"monthlySpendingLimit":1000,"categoryBudgets":{"Food & dining":100}}`)
	for _, step := range []struct {
		category string
		pounds   int64
		want     []string
	}{
		{"food", 79, nil},
		{"food", 1, []string{"food 80 80 of 100"}},
		{"food", 19, nil},
		{"food", 1, []string{"food 100 100 of 100"}},
		{"food", 600, nil},
		{"travel", 400, []string{"monthly 100 1100 of 1000"}}, // both thresholds at once
		{"travel", 400, nil},
	} {
		w.sent.order = nil
		must(t, w.spend("ada", store.TimeOrderedID(w.at, step.category), "2026-07-02", step.category, step.pounds))
		if got := w.sent.thresholds(); !slices.Equal(got, step.want) {
			t.Errorf("%d for %s: %q", step.pounds, step.category, got)
		}
		w.at = w.at.Add(1_000_000)
	}
}

func TestEvaluate_NextMonthOrChangedBudget_IsAnAlertAgain(t *testing.T) {
	w := newWorld(t)
	w.mustPut("ada", `{"categoryBudgets":{"Food & dining":100}}`)
	must(t, w.spend("ada", "1", "2026-07-02", "food", 90))
	w.mustPut("ada", `{"categoryBudgets":{"Food & dining":105}}`)
	must(t, w.spend("ada", "2", "2026-07-02", "food", 1))
	w.mustPut("ada", `{"categoryBudgets":{"Food & dining":105,"Travel":5}}`) // food is as it was
	must(t, w.spend("ada", "3", "2026-07-02", "food", 1))
	w.mustPut("ada", `{"alertThreshold":50}`)
	must(t, w.spend("ada", "4", "2026-07-02", "food", 1))
	w.at = w.at.AddDate(0, 1, 0)
	must(t, w.spend("ada", "5", "2026-08-02", "food", 105))
	if got, want := w.sent.thresholds(), []string{"food 80 90 of 100", "food 80 91 of 105", "food 50 93 of 105", "food 100 105 of 105"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	causes := map[string]bool{}
	for _, message := range w.sent.messages {
		causes[message.Cause()] = true
	}
	if len(w.sent.messages) != 4 || len(causes) != 4 {
		t.Errorf("the ids are %v, the causes %v", w.sent.order, causes)
	}
}

func TestEvaluate_ChangeOfAnotherMonth_ReadsNothing(t *testing.T) {
	w := newWorld(t)
	nothing := &alerts{now: w.now} // any read would panic
	must(t, nothing.Evaluate(t.Context(), created("ada", "1", "2026-06-30")))
	both := created("ada", "1", "2026-06-30")
	both.Before = &transactions.TransactionState{Day: "2026-08-01"}
	must(t, nothing.Evaluate(t.Context(), both))
	if got := userAndMonths(both); got != "ada#2026-08#2026-06" {
		t.Errorf("the group is %s", got)
	}
	must(t, nothing.Evaluate(t.Context(), transactions.TransactionChanged{UserID: "ada"}))
}

// A failed publication has the transaction's message come again: what was stored is
// published then, under the same id.
func TestEvaluate_PublicationFails_IsPublishedLater(t *testing.T) {
	w := newWorld(t)
	w.mustPut("ada", `{"categoryBudgets":{"Food & dining":100}}`)
	w.sent.failures = 1
	if err := w.spend("ada", "1", "2026-07-02", "food", 90); !errors.Is(err, transactionstoretest.ErrFault) {
		t.Fatalf("got %v", err)
	}
	must(t, w.spend("ada", "2", "2026-07-02", "food", 5))
	must(t, w.spend("ada", "3", "2026-07-02", "food", 1))
	if got := w.sent.thresholds(); !slices.Equal(got, []string{"food 80 90 of 100"}) {
		t.Errorf("got %q", got)
	}
}

func TestEvaluate_MessagesAtOnce_HaveOneID(t *testing.T) {
	w := newWorld(t)
	w.mustPut("ada", `{"categoryBudgets":{"Food & dining":100}}`)
	w.sent.failures = 1000
	_ = w.spend("ada", "1", "2026-07-02", "food", 90)
	w.sent.failures = 0
	var all sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]bool{}
	for range 5 {
		all.Go(func() {
			own := &published{messages: map[string]BudgetCrossed{}}
			a := w.watcher()
			a.crossed = own
			if err := a.Evaluate(t.Context(), created("ada", "1", "2026-07-02")); err != nil && !errors.Is(err, store.ErrConflict) {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for id := range own.messages {
				ids[id] = true
			}
		})
	}
	all.Wait()
	if len(ids) != 1 {
		t.Errorf("published are %v", ids)
	}
}

// The budget may change while its spending is read: the alert would be about the old one.
func TestEvaluate_BudgetChangesMeanwhile_WritesNothing(t *testing.T) {
	w := newWorld(t)
	w.mustPut("ada", `{"categoryBudgets":{"Food & dining":100}}`)
	read, err := w.reader().Preferences(t.Context(), "ada")
	must(t, err)
	w.mustPut("ada", `{"categoryBudgets":{"Food & dining":500}}`)
	late := w.watcher().reachedOf(statusAt(read, 200), "ada", "2026-07")
	must(t, w.watcher().raise(t.Context(), late[0], erasure.ReadAt(w.at), nil))
	left, err := alertsOf(t.Context(), w.alerts, "ada", "2026-07")
	must(t, err)
	if len(left) != 0 || len(w.sent.messages) != 0 {
		t.Errorf("stored %+v, published %v", left, w.sent.messages)
	}
}

// A message may come after the account, or the budgets, were erased.
func TestEvaluate_AfterErasure_WritesNothing(t *testing.T) {
	w := newWorld(t)
	must(t, w.budgets.Put(t.Context(), tables.BudgetPreferences{UserID: "hidden", ID: tables.BudgetPreferencesID, Budgets: map[string]tables.Budget{"food": {Limit: pounds(1), ChangedAt: 1}}}))
	must(t, w.spend("hidden", "1", "2026-07-02", "food", 90)) // it has no account
	w.mustPut("ada", `{"categoryBudgets":{"Food & dining":100}}`)
	erased := w.watcher()
	must(t, w.spend("ada", "1", "2026-07-02", "food", 1))
	stored, err := w.reader().Preferences(t.Context(), "ada")
	must(t, err)
	must(t, w.budgets.Delete(t.Context(), store.Key{"ada", tables.BudgetPreferencesID})) // after they were read
	late := erased.reachedOf(statusAt(stored, 200), "ada", "2026-07")
	for _, alert := range late {
		must(t, erased.raise(t.Context(), alert, erasure.ReadAt(w.at), nil))
	}
	for _, user := range []string{"hidden", "ada"} {
		left, err := alertsOf(t.Context(), w.alerts, user, "2026-07")
		must(t, err)
		if len(left) != 0 || len(late) != 1 || len(w.sent.messages) != 0 {
			t.Errorf("%s has %+v of %d, published are %v", user, left, len(late), w.sent.messages)
		}
	}
}

// statusAt returns the state of budgets when all spending was for food.
func statusAt(stored tables.BudgetPreferences, spend int64) []budgetstore.Budget {
	return budgetstore.Status(stored, transactionstore.Month{Spend: pounds(spend), Categories: map[string]transactionstore.Category{"food": {Spend: pounds(spend)}}})
}

func pounds(amount int64) money.Amount { return money.FromMinor(amount, 0) }

// Spending that is being erased counts still.
func TestEvaluate_DuringAnErasure_WritesNothingUntilItsEnd(t *testing.T) {
	w := newWorld(t)
	w.mustPut("ada", `{"categoryBudgets":{"Food & dining":100}}`)
	boundary := w.at.Add(-time.Minute)
	w.accounts.Begin(t, "ada", boundary)
	if err := w.spend("ada", "1", "2026-07-02", "food", 90); !errors.Is(err, erasure.ErrUnfinished) {
		t.Errorf("got %v", err)
	}
	left, err := alertsOf(t.Context(), w.alerts, "ada", "2026-07")
	must(t, err)
	if len(left) != 0 || len(w.sent.messages) != 0 {
		t.Errorf("stored %+v, published %v", left, w.sent.messages)
	}
	w.accounts.End(t, "ada", boundary, w.at)
	w.at = w.at.Add(time.Minute)
	must(t, w.spend("ada", "2", "2026-07-02", "food", 1))
	if len(w.sent.messages) != 1 {
		t.Errorf("published %v", w.sent.messages)
	}
}
