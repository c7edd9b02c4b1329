package budgets

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestPreferences_NeverSet_AreZerosAndDefaults(t *testing.T) {
	got := newWorld(t).preferences("ada")
	if !got.MonthlySpendingLimit.IsZero() || !got.MonthlyBudget.IsZero() || len(got.CategoryBudgets) != 0 || got.CategoryBudgets == nil || got.AlertThreshold != 80 || got.Currency != "GBP" {
		t.Errorf("got %+v", got)
	}
}

// The app sends names with only their first letter as a capital, names of the spending
// tab, and codes of transactions.
func TestUpdate_KeysOfTheApp_AreServedInOneSpelling(t *testing.T) {
	w := newWorld(t)
	saved := w.mustPut("paid", `{"monthlySpendingLimit":2000.5,"alertThreshold":80,"currency":"GBP",
		"categoryBudgets":{"Food & dining":300,"Health & Fitness":40.25,"groceries":120,"Bills and utilities":90,"Transportation":60,"Nothing":0}}`)
	want := []string{"Bills & Utilities 90", "Food & Dining 300", "Groceries 120", "Health & Fitness 40.25", "Transport 60"}
	if got := w.preferences("paid"); !slices.Equal(got.words(), want) || !slices.Equal(saved.words(), want) || got.MonthlySpendingLimit.String() != "2000.5" || got.MonthlyBudget.String() != "2000.5" {
		t.Errorf("got %+v, saved %+v", got, saved)
	}
}

func TestUpdate_OneCategoryInTwoSpellings_NewAmountCounts(t *testing.T) {
	w := newWorld(t)
	for _, step := range []struct{ before, body, want string }{
		{"300", `{"Food & Dining":300,"Food & dining":100}`, "100"},
		{"100", `{"Food & Dining":100,"Food & dining":100}`, "100"},
		{"100", `{"Food & Dining":100,"food":200,"Dining":150}`, "200"},
		{"100", `{"Food & Dining":0,"food":200}`, "200"},
		{"0", `{"Food & Dining":20,"food":30}`, "30"},
	} {
		for range 5 { // the order of a map's keys varies
			w.mustPut("ada", `{"categoryBudgets":{"food":`+step.before+`}}`)
			if got := w.mustPut("ada", `{"categoryBudgets":`+step.body+`}`); !slices.Equal(got.words(), []string{"Food & Dining " + step.want}) {
				t.Errorf("%s after %s is %v", step.body, step.before, got.words())
			}
		}
	}
}

func TestUpdate_AbsentFields_AreKeptAndOmittedCategoriesDeleted(t *testing.T) {
	w := newWorld(t)
	w.mustPut("ada", `{"monthlySpendingLimit":500,"categoryBudgets":{"Shopping":50,"Travel":60},"alertThreshold":90,"currency":"EUR"}`)
	if got := w.mustPut("ada", `{"categoryBudgets":{"Shopping":55}}`); !slices.Equal(got.words(), []string{"Shopping 55"}) || got.MonthlySpendingLimit.String() != "500" || got.AlertThreshold != 90 || got.Currency != "EUR" {
		t.Errorf("got %+v", got)
	}
	if got := w.mustPut("ada", `{"monthlySpendingLimit":0}`); !slices.Equal(got.words(), []string{"Shopping 55"}) || !got.MonthlySpendingLimit.IsZero() {
		t.Errorf("got %+v", got)
	}
	if got := w.mustPut("ada", `{"monthlyBudget":700}`); got.MonthlySpendingLimit.String() != "700" { // an earlier version of the app
		t.Errorf("got %+v", got)
	}
	if got := w.mustPut("ada", `{"monthlyBudget":700,"monthlySpendingLimit":800,"categoryBudgets":{}}`); len(got.words()) != 0 || got.MonthlySpendingLimit.String() != "800" {
		t.Errorf("got %+v", got)
	}
}

func TestUpdate_FreePlan_HasThreeBudgets(t *testing.T) {
	w := newWorld(t)
	three, four := `{"monthlySpendingLimit":500,"categoryBudgets":{"Shopping":50,"Travel":60}}`, `{"categoryBudgets":{"Shopping":50,"Travel":60,"Fuel":10}}`
	w.mustPut("ada", three)
	if _, err := w.put("ada", four); !errors.Is(err, errTooMany) {
		t.Errorf("the fourth budget: %v", err)
	}
	if got := w.preferences("ada").words(); !slices.Equal(got, []string{"Shopping 50", "Travel 60"}) {
		t.Errorf("a refused request left %v", got)
	}
	w.mustPut("paid", three)
	if got := w.mustPut("paid", four); len(got.CategoryBudgets) != 3 {
		t.Errorf("premium has %+v", got)
	}
}

// Who leaves the premium plan keeps the budgets, can change and delete them, and can add
// none.
func TestUpdate_PlanThatEnded_KeepsItsBudgets(t *testing.T) {
	w := newWorld(t)
	w.mustPut("paid", `{"monthlySpendingLimit":500,"categoryBudgets":{"Shopping":50,"Travel":60,"Fuel":10,"Gifts":5}}`)
	free := &edit{w.budgets, plans{}, w.now}
	update := func(body string) error {
		_, err := free.Update(t.Context(), caller("paid"), routetest.MustRead[preferencesRequest](t, body, nil))
		return err
	}
	refused := func(name, body string) {
		t.Helper()
		if err := update(body); !errors.Is(err, errTooMany) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, update(`{"categoryBudgets":{"Shopping":70,"Travel":60,"Fuel":10,"Gifts":6}}`))
	refused("another in place of one", `{"categoryBudgets":{"Shopping":70,"Travel":60,"Fuel":10,"Home":5}}`)
	refused("another in place of two", `{"categoryBudgets":{"Shopping":70,"Travel":60,"Home":5}}`)
	must(t, update(`{"categoryBudgets":{"Shopping":70,"Travel":60,"Fuel":10}}`))
	refused("a fifth budget again", `{"categoryBudgets":{"Shopping":70,"Travel":60,"Fuel":10,"Gifts":5}}`)
	must(t, update(`{"categoryBudgets":{"Shopping":70,"Home":5}}`)) // three, with the monthly one
}

func TestUpdate_RequestsAtOnce_AddNoFourthBudget(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for _, body := range []string{`{"monthlySpendingLimit":500}`, `{"categoryBudgets":{"Shopping":70,"Travel":60}}`, `{"categoryBudgets":{"Fuel":70,"Home":60,"Gifts":1}}`} {
		in := routetest.MustRead[preferencesRequest](t, body, nil)
		all.Go(func() {
			if _, err := w.edit().Update(t.Context(), caller("ada"), in); err != nil && !errors.Is(err, errTooMany) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	stored, err := w.reader().Preferences(t.Context(), "ada")
	must(t, err)
	if len(stored.Budgets) == 0 || len(stored.Budgets) > 3 {
		t.Errorf("stored are %+v", stored.Budgets)
	}
}

func TestUpdate_OtherLimitOrThreshold_MakesTheBudgetNew(t *testing.T) {
	w := newWorld(t)
	w.mustPut("ada", `{"monthlySpendingLimit":500,"categoryBudgets":{"Shopping":50}}`)
	first := w.at.UnixMilli()
	changed := func(body string) (found []string) {
		t.Helper()
		w.mustPut("ada", body)
		stored, err := w.reader().Preferences(t.Context(), "ada")
		must(t, err)
		for id, budget := range stored.Budgets {
			if budget.CreatedAt != first {
				t.Errorf("%s was created again", id)
			}
			if budget.ChangedAt == w.at.UnixMilli() {
				found = append(found, id)
			}
		}
		slices.Sort(found)
		return found
	}
	for _, step := range []struct {
		body string
		want []string
	}{
		{`{"monthlySpendingLimit":500,"categoryBudgets":{"shopping":50.00},"alertThreshold":80,"currency":"GBP"}`, nil}, // as it is
		{`{"monthlySpendingLimit":500,"categoryBudgets":{"shopping":51}}`, []string{"shopping"}},
		{`{"monthlySpendingLimit":501}`, []string{tables.MonthlyBudgetID}},
		{`{"alertThreshold":75}`, []string{tables.MonthlyBudgetID, "shopping"}},
	} {
		if got := changed(step.body); !slices.Equal(got, step.want) {
			t.Errorf("%s changed %v", step.body, got)
		}
	}
}

func TestUpdate_BadRequests_AreRefused(t *testing.T) {
	for _, body := range []string{
		`{"monthlySpendingLimit":-1}`, `{"monthlySpendingLimit":1000000001}`, `{"categoryBudgets":{"Food":-5}}`, `{"categoryBudgets":{"<b>":5}}`,
		`{"alertThreshold":0}`, `{"alertThreshold":101}`, `{"currency":"pounds"}`, `{"categoryBudgets":[1]}`,
	} {
		if in, err := routetest.Read[preferencesRequest](body, nil); err == nil {
			t.Errorf("%s is read as %+v", body, in)
		}
	}
}

func TestDelete_Budget_IsGoneAndOthersStay(t *testing.T) {
	w := newWorld(t)
	w.mustPut("ada", `{"monthlySpendingLimit":500,"categoryBudgets":{"Personal care":50,"Travel":60}}`)
	remove := func(user, id string) error {
		_, err := w.edit().Delete(t.Context(), caller(user), budgetRequest{id})
		return err
	}
	must(t, remove("ada", "personal-care"))
	must(t, remove("ada", tables.MonthlyBudgetID))
	if got := w.preferences("ada"); !slices.Equal(got.words(), []string{"Travel 60"}) || !got.MonthlySpendingLimit.IsZero() {
		t.Errorf("left are %+v", got)
	}
	for user, id := range map[string]string{"ada": "personal-care", "paid": "travel"} {
		if err := remove(user, id); !errors.Is(err, errNoBudget) {
			t.Errorf("%s of %s: %v", id, user, err)
		}
	}
	stored, err := w.reader().Preferences(t.Context(), "paid")
	must(t, err)
	if stored.Version != "" {
		t.Error("a deletion of nothing stored an item")
	}
}
