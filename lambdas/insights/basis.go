package insights

import (
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// basisMonths is how many whole months everything is computed from: few enough to follow
// a change of habits, and enough to level one month.
const basisMonths = 3

// basis is the last whole months before the current one, the newest first.
type basis []transactionstore.Month

// basisOf returns the basis among a user's months, and whether each month of it has
// transactions.
func basisOf(months []transactionstore.Month, now time.Time) (basis, bool) {
	var found basis
	for i := 1; i <= basisMonths; i++ {
		month, known := transactionstore.FindMonth(months, monthBefore(now, i))
		if !known {
			return nil, false
		}
		found = append(found, month)
	}
	return found, true
}

// monthBefore returns the month that is so many before that of a moment, YYYY-MM.
func monthBefore(now time.Time, months int) string {
	return dates.AddMonths(calendar.MonthOf(now), -months)
}

// names returns the first and the last month in words.
func (b basis) names() string { return inWords(b[len(b)-1].Month) + " to " + inWords(b[0].Month) }

// inWords returns a month such as "August 2026".
func inWords(month string) string {
	at, _ := time.Parse(dates.MonthLayout, month) // the figures have months only
	return at.Format("January 2006")
}

// averageSpend is the spending of an average month, in pence.
func (b basis) averageSpend() money.Amount {
	return b.average(func(m transactionstore.Month) money.Amount { return m.Spend })
}

// averageOf is the spending on a category in an average month, in pence.
func (b basis) averageOf(code string) money.Amount {
	return b.average(func(m transactionstore.Month) money.Amount { return m.Categories[code].Spend })
}

func (b basis) average(of func(transactionstore.Month) money.Amount) money.Amount {
	var sum money.Amount
	for _, month := range b {
		sum = sum.Add(of(month))
	}
	average, _ := money.FromDecimal(sum.Decimal().Div(decimal.NewFromInt(int64(len(b)))).Round(2)) // a third of what is in range
	return average
}

// codes returns the categories of months, in alphabetical order.
func codes(months ...transactionstore.Month) []string {
	all := map[string]bool{}
	for _, month := range months {
		for code := range month.Categories {
			all[code] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func nameOf(code string) string { return categories.Code(code).In(categories.ManualEntry) }
