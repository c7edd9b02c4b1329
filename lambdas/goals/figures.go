package goals

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// FiguresPermissions are what a function declares that opens Figures.
var FiguresPermissions = function.Permissions{Tables: []tables.Grant{tables.Goals.Allow(tables.Query)}}

// Figures reads what users' goals add up to. It needs no data key. It is safe for
// concurrent use.
type Figures struct {
	items *store.Table[readable]
}

// OpenFigures returns the figures for a function that declares FiguresPermissions.
func OpenFigures(resources *function.Resources) *Figures {
	return &Figures{store.Open[readable](resources, tables.Goals)}
}

// NewFigures returns the figures of the Goals table of this name.
func NewFigures(client store.Client, name string) *Figures {
	return &Figures{store.New[readable](client, name, tables.Goals)}
}

// readable has what is stored of a goal in clear, under the names of tables.Goal.
type readable struct {
	TargetAmount  money.Amount              `dynamodbav:"targetAmount"`
	CurrentAmount money.Amount              `dynamodbav:"currentAmount"`
	TargetDate    int64                     `dynamodbav:"targetDate"`
	Paused        bool                      `dynamodbav:"paused"`
	Contributions []tables.GoalContribution `dynamodbav:"contributions"`
	CreatedAt     int64                     `dynamodbav:"createdAt"`
}

// Summary is what a user's goals add up to.
type Summary struct {
	// Active counts goals that are neither paused nor completed, and Behind those of them
	// that are behind their date and can still be reached by it.
	Active, Behind int
	// Needed is what the goals that are behind need a month.
	Needed money.Amount
	// Saved is what was put into all goals since a moment, less what was taken out.
	Saved money.Amount
}

// Of sums up a user's goals at a moment, with one Query. Saved counts from since on, as far
// as the goals keep their contributions.
func (f *Figures) Of(ctx context.Context, userID string, since, now time.Time) (Summary, error) {
	page, err := f.items.Query(ctx, store.Query{Partition: userID, Limit: maxReadItems, Consistency: store.Consistent})
	if err != nil {
		return Summary{}, err
	}
	var sum Summary
	for _, item := range page.Items {
		g := tables.Goal{
			TargetAmount: item.TargetAmount, CurrentAmount: item.CurrentAmount, TargetDate: item.TargetDate, Paused: item.Paused, CreatedAt: item.CreatedAt,
		}
		for _, one := range item.Contributions {
			if one.At >= since.UnixMilli() {
				sum.Saved = sum.Saved.Add(one.Amount)
			}
		}
		if g.Paused || completed(g) {
			continue
		}
		sum.Active++
		if needsAdvice(g, now) {
			sum.Behind++
			sum.Needed = sum.Needed.Add(progressOf(g, now).RecommendedMonthlySavings)
		}
	}
	return sum, nil
}
