package transactionstore

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// averagedMonths is how many whole months before the current one are averaged: few enough
// to follow a new salary, and enough to level a holiday.
const averagedMonths = 3

// Average is what a user earns and spends in an average month.
type Average struct {
	// Months is how many months are averaged. Zero means that nothing is known.
	Months int
	// Income and Spend are in pence, without what is excluded.
	Income, Spend money.Amount
}

// Surplus returns what is left of the income. It is negative when more is spent.
func (a Average) Surplus() money.Amount { return a.Income.Sub(a.Spend) }

// AverageMonth averages the months with transactions among the three whole months before
// a moment, as Months does.
func (s *Store) AverageMonth(ctx context.Context, userID string, at time.Time) (Average, error) {
	current := calendar.MonthOf(at)
	months, err := s.Months(ctx, userID, dates.AddMonths(current, -averagedMonths), dates.AddMonths(current, -1))
	if err != nil || len(months) == 0 {
		return Average{}, err
	}
	sum := Average{Months: len(months)}
	for _, month := range months {
		sum.Income, sum.Spend = sum.Income.Add(month.Income), sum.Spend.Add(month.Spend)
	}
	sum.Income, err = sum.perMonth(sum.Income)
	if err != nil {
		return Average{}, err
	}
	sum.Spend, err = sum.perMonth(sum.Spend)
	return sum, err
}

func (a Average) perMonth(sum money.Amount) (money.Amount, error) {
	return money.FromDecimal(sum.Decimal().Div(decimal.NewFromInt(int64(a.Months))).Round(2))
}
