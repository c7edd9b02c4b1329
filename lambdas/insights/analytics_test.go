package insights

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestAnalytics_FreePlan_IsRefused(t *testing.T) {
	w := newWorld(t, monthly("food", 1, 1, 1)...)
	_, err := (&analytics{w.stage.Store, w.stage.Store, plan(tables.Free), now}).Get(t.Context(), function.Caller{UserID: "ada"}, function.NoInput{})
	if !errors.Is(err, entitlement.CheckPremium(tables.Free, "Advanced analytics")) {
		t.Errorf("got %v", err)
	}
}

func TestAnalytics_WithoutThreeWholeMonths_HasNoData(t *testing.T) {
	if got := newWorld(t, monthly("food", 1, 0, 1)...).analytics(); got != nil {
		t.Errorf("got %+v", got)
	}
}

func TestAnalytics_Months_AreComparedAndForecast(t *testing.T) {
	w := newWorld(t, append(monthly("food", 100, 150, 200),
		row("may", "2026-05-05", "food", -90), row("june", "2026-06-05", "food", -300), row("april", "2026-04-05", "food", -900),
		row("year", "2025-10-20", "food", -160), row("current", "2026-11-02", "food", -40), row("own", "2026-10-02", "transfer", -999),
	)...)
	got := w.analytics()
	var forecast []string
	for _, m := range got.Forecast {
		forecast = append(forecast, fmt.Sprint(m.Month, " ", m.Predicted, " ", m.LowerBound, "-", m.UpperBound, " ", m.Confidence))
	}
	// 150 on average; 50, 0 and 50 away from it: 1 - 100/450.
	if want := []string{"2026-11 150 90-300 0.77", "2026-12 150 90-300 0.77", "2027-01 150 90-300 0.77"}; !slices.Equal(forecast, want) {
		t.Errorf("the forecast is %q", forecast)
	}
	if got.SpendingVelocity.String() != "50" || got.ComparisonMetrics != (comparison{33.3, 25}) || got.SavingsOpportunity.String() != "50" || len(got.Anomalies) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestAnalytics_Trends_CompareThisMonthWithLast(t *testing.T) {
	w := newWorld(t, slices.Concat(monthly("food", 1, 1, 100), monthly("travel", 1, 1, 100), monthly("fuel", 1, 1, 100), monthly("home", 9, 0, 0), []transactionstore.Transaction{
		row("1", "2026-11-01", "food", -105), row("2", "2026-11-02", "travel", -106), row("3", "2026-11-03", "gifts", -1),
		row("4", "2026-11-03", "fuel", 5), row("5", "2026-11-04", "salary", 500), row("6", "2026-11-04", "shopping", -200),
	})...)
	var trends []string
	for _, one := range w.analytics().CategoryTrends {
		trends = append(trends, fmt.Sprint(one.Category, " ", one.CurrentMonth, "/", one.PreviousMonth, " ", one.ChangePercent, " ", one.Trend))
	}
	if want := []string{
		"Shopping 200/0 0 increasing", "Travel 106/100 6 increasing", "Food & Dining 105/100 5 stable", "Gifts & Donations 1/0 0 increasing", "Fuel 0/100 -100 decreasing",
	}; !slices.Equal(trends, want) {
		t.Errorf("got %q", trends)
	}
}

func TestAnalytics_TransactionAboveAnAverageMonth_IsUnusual(t *testing.T) {
	w := newWorld(t, slices.Concat(monthly("travel", 100, 100, 100), monthly("food", 60, 60, 60), []transactionstore.Transaction{
		row("low", "2026-11-01", "travel", -150), row("medium", "2026-11-02", "travel", -200), row("high", "2026-11-03", "travel", -300),
		row("usual", "2026-11-04", "travel", -149), row("small", "2026-11-04", "food", -61), row("small too", "2026-11-05", "food", -61),
		row("nothing to compare", "2026-11-06", "gifts", -900), row("refund", "2026-11-06", "travel", 900), row("earlier", "2026-07-31", "gifts", -400),
	})...)
	excluded := row("excluded", "2026-11-07", "travel", -800)
	excluded.ExcludeChoice = new(bool)
	*excluded.ExcludeChoice = true
	w.add(excluded)
	got := w.analytics().Anomalies
	var found []string
	for _, one := range got {
		found = append(found, fmt.Sprintf("%s %s %s/%s %s", one.TransactionID, one.Merchant, one.Amount, one.ExpectedAmount, one.Severity))
	}
	if want := []string{"high Shop of high 300/100 high", "medium Shop of medium 200/100 medium", "low Shop of low 150/100 low"}; !slices.Equal(found, want) {
		t.Errorf("got %q", found)
	}
	if want := "£300.00 on Travel on 2026-11-03. An average month from August 2026 to October 2026 had £100.00."; got[0].Reason != want {
		t.Errorf("the reason is %q", got[0].Reason)
	}
}

// noRows fails the test when transactions are read.
type noRows struct{ t *testing.T }

func (n noRows) List(context.Context, string, transactionstore.Filter, int, string) (transactionstore.Page, error) {
	n.t.Error("transactions are read")
	return transactionstore.Page{}, nil
}

func TestAnalytics_UsualMonth_ReadsNoTransaction(t *testing.T) {
	w := newWorld(t, append(monthly("travel", 100, 100, 100), row("1", "2026-11-01", "travel", -149))...)
	_, err := (&analytics{w.stage.Store, noRows{t}, plan(tables.Premium), now}).Get(t.Context(), function.Caller{UserID: "ada"}, function.NoInput{})
	testkit.Must(t, err)
}
