package aiusage

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// stagePeriod is an item of the stage, with the share of the budget that it counts.
type stagePeriod struct {
	key   store.Key
	limit int64
}

// periods are the stage's items for a call: its month and its day.
func (l *Ledger) periods(r *Reservation) []stagePeriod {
	return []stagePeriod{
		{store.Key{tables.AIUsageStage, r.at.Format(dates.MonthLayout)}, l.settings.Budget},
		{store.Key{tables.AIUsageStage, r.at.Format(time.DateOnly)}, l.settings.Budget / daysOfBudget},
	}
}

// holdForStage adds the most that the call may cost to the stage's month and day, or
// returns ErrStage.
func (l *Ledger) holdForStage(ctx context.Context, r *Reservation) error {
	cost := expression.Name("cost")
	var writes []store.Write
	for _, period := range l.periods(r) {
		writes = append(writes, l.usage.TxUpsert(period.key, l.addForStage(r, r.cost),
			cost.AttributeNotExists().Or(cost.LessThanEqual(expression.Value(period.limit-r.cost)))))
	}
	err := l.usage.Transact(ctx, writes...)
	if errors.Is(err, store.ErrConditionFailed) {
		telemetry.MetricsOf(ctx).BudgetUsed(function.ModelBudget.Name, 100)
		return errors.Join(ErrStage, err)
	}
	return err
}

// settleForStage replaces what was held by what the call cost, and records the used
// share of the month's budget.
func (l *Ledger) settleForStage(ctx context.Context, r *Reservation, cost int64) error {
	var writes []store.Write
	for _, period := range l.periods(r) {
		writes = append(writes, l.usage.TxUpsert(period.key, l.addForStage(r, cost-r.cost)))
	}
	if err := l.usage.Transact(ctx, writes...); err != nil {
		return err
	}
	month, err := l.usage.Get(ctx, l.periods(r)[0].key, store.Eventual)
	if err != nil {
		return err
	}
	telemetry.MetricsOf(ctx).BudgetUsed(function.ModelBudget.Name, float64(100*month.Cost/l.settings.Budget))
	return nil
}

func (l *Ledger) addForStage(r *Reservation, cost int64) expression.UpdateBuilder {
	return expression.Add(expression.Name("cost"), expression.Value(cost)).
		Set(expression.Name("expiresAt"), expression.Value(nextMonth(r.at).Add(keepAfter).Unix()))
}
