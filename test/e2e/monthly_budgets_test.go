package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// saveBudgets sends what the screen of budgets sends.
func (s signedIn) saveBudgets(t *testing.T, monthly float64, categories map[string]any) answer {
	t.Helper()
	return call(t, "PUT", "/profile/budget-preferences", s.token, map[string]any{
		"monthlySpendingLimit": monthly, "categoryBudgets": categories, "alertThreshold": 80, "currency": "GBP",
	})
}

// spendToday creates a debit of this month.
func (s signedIn) spendToday(t *testing.T, description, category string, amount float64) {
	t.Helper()
	form := transactionForm(description, -amount)
	form["category"], form["date"] = category, time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	call(t, "POST", "/transactions", s.token, form).is(t, http.StatusOK, "", "")
}

// budgetLifecycle saves, changes, lists and deletes budgets. Each read after a write shows
// the write.
func budgetLifecycle(t *testing.T) {
	emmy := newSignedInUser(t, "budgets.emmy")
	unset := call(t, "GET", "/profile/budget-preferences", emmy.token, nil)
	unset.is(t, http.StatusOK, "", "")
	if preferences, _ := unset.body["budgetPreferences"].(map[string]any); preferences["monthlySpendingLimit"] != 0.0 || fmt.Sprint(preferences["categoryBudgets"]) != "map[]" {
		t.Errorf("unset budgets are %s", unset.text)
	}
	emmy.saveBudgets(t, 500, map[string]any{"Food & dining": 100.5, "Travel": 60}).is(t, http.StatusOK, "", "")
	emmy.spendToday(t, "Lunch", "Food & Dining", 10.05)
	read := call(t, "GET", "/profile/budget-preferences", emmy.token, nil)
	if preferences, _ := read.body["budgetPreferences"].(map[string]any); preferences["monthlySpendingLimit"] != 500.0 || fmt.Sprint(preferences["categoryBudgets"]) != "map[Food & Dining:100.5 Travel:60]" {
		t.Errorf("the budgets are %s", read.text)
	}
	listed := call(t, "GET", "/budgets", emmy.token, nil)
	listed.is(t, http.StatusOK, "", "")
	budgets, _ := listed.body["budgets"].([]any)
	if len(budgets) != 3 {
		t.Fatalf("the list is %s", listed.text)
	}
	if food, _ := budgets[1].(map[string]any); food["id"] != "food" || food["currentSpent"] != 10.05 || food["progress"] != 10.0 || food["amount"] != 100.5 {
		t.Errorf("the list is %s", listed.text)
	}

	four := emmy.saveBudgets(t, 500, map[string]any{"Food & Dining": 100, "Travel": 60, "Fuel": 5})
	four.is(t, http.StatusUnprocessableEntity, "", "")
	if four.body["code"] != "BUDGET_LIMIT_REACHED" {
		t.Errorf("a fourth budget answered %s", four.text)
	}
	premium := newSignedInUser(t, "budgets.sofia")
	subscribe(t, premium.id)
	premium.saveBudgets(t, 500, map[string]any{"Food & Dining": 100, "Travel": 60, "Fuel": 5}).is(t, http.StatusOK, "", "")

	call(t, "DELETE", "/budgets/travel", emmy.token, nil).isDone(t)
	for _, other := range []signedIn{emmy, newSignedInUser(t, "eve.budgets")} {
		call(t, "DELETE", "/budgets/travel", other.token, nil).isNested(t, http.StatusNotFound, "BUDGET_NOT_FOUND")
	}
}

// crossedBudget spends beyond the thresholds of a budget: each leads to one alert and one
// notification, whatever follows. All of it is erased with the user's data.
func crossedBudget(t *testing.T) {
	maria := newSignedInUser(t, "budgets.maria")
	maria.saveBudgets(t, 0, map[string]any{"Food & Dining": 20}).is(t, http.StatusOK, "", "")
	entries := func() (thresholds []float64) {
		for _, one := range storedOf(t, tables.NotificationHistory, maria.id) {
			percent, _ := one["threshold"].(float64)
			thresholds = append(thresholds, percent)
		}
		return thresholds
	}
	maria.spendToday(t, "Lunch", "Food & Dining", 17)
	eventually(t, "80 % of the budget is a notification", func() bool { return slices.Equal(entries(), []float64{80}) })
	maria.spendToday(t, "Tea", "Food & Dining", 1)
	maria.spendToday(t, "Dinner", "Food & Dining", 12)
	eventually(t, "all of the budget is a notification too", func() bool { return slices.Equal(entries(), []float64{80, 100}) })
	maria.spendToday(t, "Supper", "Food & Dining", 3)

	listed := call(t, "GET", "/budgets/alerts", maria.token, nil)
	listed.is(t, http.StatusOK, "", "")
	alerts, _ := listed.body["alerts"].([]any)
	if alert, _ := append(alerts, nil)[0].(map[string]any); len(alerts) != 1 || alert["budgetId"] != "food" || alert["threshold"] != 100.0 || alert["currentSpent"] != 30.0 {
		t.Errorf("the alerts are %s", listed.text)
	}
	eventually(t, "the first transaction is an achievement", func() bool { return len(storedOf(t, tables.Achievements, maria.id)) == 1 })
	eventually(t, "both thresholds have a proactive alert", func() bool { return len(storedOf(t, tables.ProactiveAlerts, maria.id)) == 2 })

	erased := call(t, "DELETE", "/user/data", maria.token, map[string]any{"confirm": "DELETE_ALL_DATA"})
	erased.is(t, http.StatusOK, "", "")
	// Four transactions, the budgets, an alert, two notifications, two proactive alerts and
	// an achievement. The figures of the month are counted as nothing.
	if erased.body["rowsDeleted"] != 12.0 {
		t.Errorf("erased %s", erased.text)
	}
	finishErasure(t, maria.id)
	for place, text := range everythingStored(t) {
		if slices.Contains([]string{tables.Budgets.Name, tables.NotificationHistory.Name}, place) && strings.Contains(text, maria.id) {
			t.Errorf("%s still has items of the user", place)
		}
	}
}
