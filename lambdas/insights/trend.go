package insights

import (
	"slices"

	"github.com/expenzez/infrastructure/lambdas/money"
)

// categoryTrend compares this month so far with all of last month.
type categoryTrend struct {
	Category      string       `json:"category"`
	CurrentMonth  money.Amount `json:"currentMonth"`
	PreviousMonth money.Amount `json:"previousMonth"`
	ChangePercent float64      `json:"changePercent"` // to one decimal, 0 after a month without spending
	Trend         string       `json:"trend"`
}

// stablePercent is the change up to which a category is stable.
const stablePercent = 5

// trendsOf returns the trends of the categories with spending in either month, the largest
// spending of this month first.
func trendsOf(current, previous month) []categoryTrend {
	var trends []categoryTrend
	for _, code := range codes(current, previous) {
		now, before := current.Categories[code].Spend, previous.Categories[code].Spend
		if now.IsZero() && before.IsZero() {
			continue
		}
		percent := change(now, before)
		one := categoryTrend{nameOf(code), now, before, percent, "stable"}
		switch {
		case percent > stablePercent, before.IsZero():
			one.Trend = "increasing"
		case percent < -stablePercent:
			one.Trend = "decreasing"
		}
		trends = append(trends, one)
	}
	slices.SortStableFunc(trends, func(a, b categoryTrend) int { return b.CurrentMonth.Cmp(a.CurrentMonth) })
	return trends
}
