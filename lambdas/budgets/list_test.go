package budgets

import (
	"fmt"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
)

func TestList_Budgets_HaveTheSpendingOfTheMonth(t *testing.T) {
	w := newWorld(t)
	w.mustPut("ada", `{"monthlySpendingLimit":300,"categoryBudgets":{"Food & dining":100,"Travel":60}}`)
	must(t, w.spend("ada", "1", "2026-07-01", "food", 101))
	must(t, w.spend("ada", "2", "2026-07-31", "shopping", 99))
	must(t, w.spend("ada", "3", "2026-06-30", "travel", 40))
	must(t, w.spend("ada", "4", "2026-08-01", "travel", 40))
	response, err := w.list().List(t.Context(), caller("ada"), function.NoInput{})
	must(t, err)
	var got []string
	for _, b := range response.Budgets {
		got = append(got, fmt.Sprintf("%s %s %s %s/%s %v %v %v", b.ID, b.Name, b.Category, b.CurrentSpent, b.Amount, b.Progress, b.IsOverBudget, b.AlertThreshold))
		if b.Period != "monthly" || !b.IsActive || b.CreatedAt == "" || b.UpdatedAt != b.CreatedAt {
			t.Errorf("got %+v", b)
		}
	}
	if want := []string{"monthly Monthly Monthly 200/300 66.6 false 80", "food Food & Dining Food & Dining 101/100 101 true 80", "travel Travel Travel 0/60 0 false 80"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestList_UserWithoutBudgets_HasEmptyArrays(t *testing.T) {
	w := newWorld(t)
	budgets, err := w.list().List(t.Context(), caller("ada"), function.NoInput{})
	must(t, err)
	alerts, err := w.list().Alerts(t.Context(), caller("ada"), function.NoInput{})
	must(t, err)
	if len(budgets.Budgets)+len(alerts.Alerts) != 0 {
		t.Errorf("got %+v and %+v", budgets, alerts)
	}
}

func TestAlerts_OfBudgetsThatChangedOrEnded_AreNotListed(t *testing.T) {
	w := newWorld(t)
	w.mustPut("ada", `{"monthlySpendingLimit":100,"categoryBudgets":{"Food & dining":50,"Travel":60}}`)
	must(t, w.spend("ada", "1", "2026-07-01", "food", 45))
	must(t, w.spend("ada", "2", "2026-07-01", "travel", 60))
	listed := func() (found []string) {
		t.Helper()
		response, err := w.list().Alerts(t.Context(), caller("ada"), function.NoInput{})
		must(t, err)
		for _, a := range response.Alerts {
			found = append(found, fmt.Sprintf("%s %s %d %s/%s %s", a.BudgetID, a.Category, a.Threshold, a.CurrentSpent, a.Amount, a.Month))
		}
		return found
	}
	if got, want := listed(), []string{"food Food & Dining 80 45/50 2026-07", "monthly Monthly 100 105/100 2026-07", "travel Travel 100 60/60 2026-07"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	w.mustPut("ada", `{"categoryBudgets":{"Food & dining":500}}`)
	if got, want := listed(), []string{"monthly Monthly 100 105/100 2026-07"}; !slices.Equal(got, want) {
		t.Errorf("after the change: %q", got)
	}
	w.at = w.at.AddDate(0, 1, 0)
	if got := listed(); len(got) != 0 {
		t.Errorf("in the next month: %q", got)
	}
}
