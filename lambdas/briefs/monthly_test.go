package briefs

import (
	"errors"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

func TestMonthly_Report_IsAddedUpByHand(t *testing.T) {
	w := newWorld(t)
	w.add(
		row{"2026-05-31", 100_000, "salary"}, row{"2026-05-01", -40_000, "home"},
		row{"2026-06-30", 150_000, "salary"}, row{"2026-06-01", -30_000, "home"}, row{"2026-06-02", -20_001, "groceries"}, row{"2026-06-03", -1, "groceries"},
		row{"2026-07-01", -99_999, "home"},
	)
	got, err := w.monthly("ada", "2026-06")
	must(t, err)
	want := `{"report":{"userId":"ada","reportMonth":"2026-06","generatedAt":"2026-07-15T06:00:00.000Z","reportData":{"totalIncome":1500,"totalExpenses":500.02,"netFlow":999.98,` +
		`"transactionCount":4,"topCategories":[{"category":"Home","amount":300},{"category":"Groceries","amount":200.02}],"monthlyInsights":"**June 2026** in figures:\n\n` +
		`- You earned £1,500.00 and spent £500.02.\n- £999.98 was left.\n- You spent 25% more than in the month before.\n- Most went to Home: £300.00, which is 60% of your spending.",` +
		`"trends":{"incomeChange":50,"expenseChange":25}}},"hasReports":true}`
	if text := textOfJSON(t, got); text != want {
		t.Errorf("got %s", text)
	}
	newest, err := w.monthly("ada", latest)
	must(t, err)
	if textOfJSON(t, newest) != want {
		t.Errorf("the latest is %s", textOfJSON(t, newest))
	}
}

func TestMonthly_FiguresThatChanged_MakeItAgain(t *testing.T) {
	w := newWorld(t)
	w.add(row{"2026-06-01", -100, "home"})
	first, err := w.monthly("ada", latest)
	must(t, err)
	w.setTime("2026-07-16T12:00:00Z")
	again, err := w.monthly("ada", latest)
	must(t, err)
	if again.Report.GeneratedAt != first.Report.GeneratedAt {
		t.Errorf("the same figures are reported again at %s", again.Report.GeneratedAt)
	}
	w.add(row{"2026-06-02", -1, "home"}) // a statement that came later
	changed, err := w.monthly("ada", latest)
	must(t, err)
	if changed.Report.GeneratedAt != "2026-07-16T12:00:00.000Z" || changed.Report.ReportData.TotalExpenses.String() != "1.01" {
		t.Errorf("got %s", textOfJSON(t, changed))
	}
	if ids := w.ids("ada"); !slices.Equal(ids, []string{"monthly-2026-06", "report-reader"}) {
		t.Errorf("stored are %v", ids)
	}
}

func TestMonthly_MonthsWithoutAReport_SayWhy(t *testing.T) {
	w := newWorld(t)
	w.add(row{"2026-04-01", -100, "home"}, row{"2026-07-01", -100, "home"})
	for month, want := range map[string]*apierror.Error{"2026-07": errNotOver, "2027-01": errNotOver, "2026-13": errBadMonth, "july": errBadMonth} {
		if _, err := w.monthly("ada", month); !errors.Is(err, want) {
			t.Errorf("%s: got %v", month, err)
		}
	}
	if got, err := w.monthly("ada", "2026-06"); err != nil || textOfJSON(t, got) != `{"hasReports":false,"message":"There are no transactions to report on yet."}` {
		t.Errorf("an empty month: %s, %v", textOfJSON(t, got), err)
	}
	got, err := w.monthly("ada", latest)
	must(t, err)
	if got.Report.ReportMonth != "2026-04" || got.Report.ReportData.Trends != (reportTrends{}) {
		t.Errorf("the latest is %s", textOfJSON(t, got))
	}
	w.setTime("2027-06-01T12:00:00Z")
	if got, err := w.monthly("eve", latest); err != nil || got.HasReports {
		t.Errorf("eve: %s, %v", textOfJSON(t, got), err)
	}
}
