package goals

import (
	"fmt"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Each goal needs 1,000 within ten average months of 30.4375 days, and has saved nothing for one.
func TestRecommend_RealSurplus_GoesToGoalsByPriorityAndDate(t *testing.T) {
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	goal := func(title, priority string, later int) tables.Goal {
		return tables.Goal{
			Title: tables.EncryptedString(title), Priority: priority, TargetAmount: testkit.Pounds(t, "1000"),
			TargetDate: now.UnixMilli() + 10*month + int64(later), CreatedAt: now.UnixMilli() - month,
		}
	}
	onTrack := goal("on track", "high", 0)
	onTrack.CurrentAmount = testkit.Pounds(t, "500")
	paused := goal("paused", "high", 0)
	paused.Paused = true
	goals := []tables.Goal{goal("low", "low", 0), goal("second", "medium", 1), goal("first", "medium", 0), onTrack, paused}
	for name, c := range map[string]struct {
		average transactionstore.Average
		want    string
	}{
		"nothing is known": {transactionstore.Average{}, "[first 100 in 10 months, second 100 in 10 months, low 100 in 10 months]"},
		"enough for all":   {transactionstore.Average{Months: 1, Income: testkit.Pounds(t, "1000")}, "[first 100 in 10 months, second 100 in 10 months, low 100 in 10 months]"},
		"some is left":     {transactionstore.Average{Months: 3, Income: testkit.Pounds(t, "2000"), Spend: testkit.Pounds(t, "1760")}, "[first 100 in 10 months, second 90 in 11.2 months, low 0 in 0 months]"},
		"more is spent":    {transactionstore.Average{Months: 3, Income: testkit.Pounds(t, "5"), Spend: testkit.Pounds(t, "9")}, "[first 0 in 0 months, second 0 in 0 months, low 0 in 0 months]"},
	} {
		got := "["
		for i, r := range recommend(goals, c.average, now) {
			if i > 0 {
				got += ", "
			}
			got += fmt.Sprintf("%s %s in %v months", r.Title, r.SuggestedAmount, r.SuggestedTimeframe)
			if r.BasedOnIncome != (c.average.Months > 0) || r.BasedOnSpending != r.BasedOnIncome {
				t.Errorf("%s: based on %+v", name, r)
			}
		}
		if got += "]"; got != c.want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestRecommend_SomeIsLeft_SaysHowMuch(t *testing.T) {
	w := newWorld(t)
	w.average = transactionstore.Average{Months: 3, Income: testkit.Pounds(t, "2000"), Spend: testkit.Pounds(t, "1900")}
	w.create("ada", titled("behind", "1000", "100"))
	w.at = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	got := w.list("ada").Recommendations
	if len(got) != 1 || got[0].Description != "This goal needs £149.70 a month by its date, and £100.00 is left for it. With that it takes longer." ||
		got[0].Reasoning != "Less is saved than the part of the time that has passed. In an average month you earn £2,000.00 and spend £1,900.00." || got[0].SuggestedTimeframe != 9 {
		t.Errorf("got %+v", got)
	}
}
