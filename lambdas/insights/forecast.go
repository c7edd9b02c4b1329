package insights

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
)

type month = transactionstore.Month

// forecastMonth is what a month will cost if it is an average one.
type forecastMonth struct {
	Month      string       `json:"month"` // YYYY-MM
	Predicted  money.Amount `json:"predicted"`
	Confidence float64      `json:"confidence"`
	UpperBound money.Amount `json:"upper_bound"`
	LowerBound money.Amount `json:"lower_bound"`
}

const (
	// forecastMonths is how many months are forecast, the current one first: as many as
	// the screen shows.
	forecastMonths = 3
	// rangeMonths is how many whole months give the bounds.
	rangeMonths = 6
)

// forecastOf forecasts an average month, between the cheapest and the most expensive of
// the last six months that have transactions.
func forecastOf(months []month, b basis, now time.Time) (forecast []forecastMonth) {
	average, lower, upper := b.averageSpend(), b[0].Spend, b[0].Spend
	for i := 1; i <= rangeMonths; i++ {
		if m, known := transactionstore.FindMonth(months, monthBefore(now, i)); known {
			lower, upper = smaller(lower, m.Spend), larger(upper, m.Spend)
		}
	}
	for i := range forecastMonths {
		forecast = append(forecast, forecastMonth{monthBefore(now, -i), average, b.confidence(), upper, lower})
	}
	return forecast
}

// confidence is 1 less the average difference of a month from an average month, as a part
// of it: 1 for months that are all alike, never below 0, rounded down to two decimals.
func (b basis) confidence() float64 {
	average := b.averageSpend()
	if average.Sign() <= 0 {
		return 0
	}
	var differences money.Amount
	for _, m := range b {
		differences = differences.Add(m.Spend.Sub(average).Abs())
	}
	part := differences.Decimal().Div(average.Decimal().Mul(decimal.NewFromInt(int64(len(b)))))
	return decimal.Max(decimal.Zero, decimal.NewFromInt(1).Sub(part)).RoundFloor(2).InexactFloat64()
}

func smaller(a, b money.Amount) money.Amount {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func larger(a, b money.Amount) money.Amount {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}
