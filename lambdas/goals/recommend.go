package goals

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// recommendation is what the user could do about a goal of their own.
type recommendation struct {
	Type               string       `json:"type"`
	Title              string       `json:"title"`
	Description        string       `json:"description"`
	SuggestedAmount    money.Amount `json:"suggestedAmount"`    // a month
	SuggestedTimeframe float64      `json:"suggestedTimeframe"` // in months, to one decimal; 0 when nothing can be saved
	Priority           string       `json:"priority"`
	Reasoning          string       `json:"reasoning"`
	BasedOnSpending    bool         `json:"basedOnSpending"`
	BasedOnIncome      bool         `json:"basedOnIncome"`
}

var priorities = []string{"high", "medium", "low"}

// needsAdvice reports whether a goal is behind its date and can still be reached by it.
func needsAdvice(g tables.Goal, now time.Time) bool { return saving(g, now) && !onTrack(g, now) }

// saving reports whether money is to be put into the goal until its date.
func saving(g tables.Goal, now time.Time) bool {
	return !g.Paused && !completed(g) && g.TargetDate > now.UnixMilli()
}

// recommend returns a recommendation for each goal that needs advice. What is left of an
// average month is given to the goals one after another, by priority and date: goals on
// track take their part too.
func recommend(goals []tables.Goal, average transactionstore.Average, now time.Time) (all []recommendation) {
	goals = slices.DeleteFunc(slices.Clone(goals), func(g tables.Goal) bool { return !saving(g, now) })
	slices.SortStableFunc(goals, func(a, b tables.Goal) int {
		return cmp.Or(cmp.Compare(slices.Index(priorities, a.Priority), slices.Index(priorities, b.Priority)), cmp.Compare(a.TargetDate, b.TargetDate))
	})
	left := average.Surplus()
	for _, g := range goals {
		needed := progressOf(g, now).RecommendedMonthlySavings
		available := needed
		if average.Months > 0 {
			available = smaller(needed, positive(left))
			left = left.Sub(available)
		}
		if needsAdvice(g, now) {
			all = append(all, recommendationFor(g, needed, available, average, now))
		}
	}
	return all
}

// recommendationFor says what to save for a goal: what it needs, if that is available.
func recommendationFor(g tables.Goal, needed, available money.Amount, average transactionstore.Average, now time.Time) recommendation {
	known := average.Months > 0
	r := recommendation{
		Type: g.Type, Title: string(g.Title), Priority: g.Priority, SuggestedAmount: available, BasedOnSpending: known, BasedOnIncome: known,
		SuggestedTimeframe: months(g.TargetDate - now.UnixMilli()).Round(1).InexactFloat64(),
		Description:        fmt.Sprintf("Save %s a month to reach this goal by its date.", needed.Pounds()),
		Reasoning:          "Less is saved than the part of the time that has passed.",
	}
	if known {
		r.Reasoning += fmt.Sprintf(" In an average month you earn %s and spend %s.", average.Income.Pounds(), average.Spend.Pounds())
	}
	switch {
	case available.Equal(needed):
	case available.IsZero():
		r.SuggestedTimeframe = 0
		r.Description = fmt.Sprintf("This goal needs %s a month by its date, and nothing is left for it. A later date or a smaller target would fit.", needed.Pounds())
	default:
		duration := g.TargetAmount.Sub(g.CurrentAmount).Decimal().Div(available.Decimal())
		r.SuggestedTimeframe = decimal.Min(duration, decimal.NewFromInt(maxTimeframe)).RoundUp(1).InexactFloat64()
		r.Description = fmt.Sprintf("This goal needs %s a month by its date, and %s is left for it. With that it takes longer.", needed.Pounds(), available.Pounds())
	}
	return r
}

// maxTimeframe is the longest time in months that is suggested.
const maxTimeframe = 600

func smaller(a, b money.Amount) money.Amount {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func positive(a money.Amount) money.Amount {
	if a.Sign() < 0 {
		return money.Amount{}
	}
	return a
}
