package goals

import (
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// recommendation is what the user could do about a goal of their own.
type recommendation struct {
	Type               string       `json:"type"`
	Title              string       `json:"title"`
	Description        string       `json:"description"`
	SuggestedAmount    money.Amount `json:"suggestedAmount"`    // a month
	SuggestedTimeframe float64      `json:"suggestedTimeframe"` // in months, to one decimal
	Priority           string       `json:"priority"`
	Reasoning          string       `json:"reasoning"`
}

// recommend returns a recommendation for a goal that is behind its date and can still be
// reached by it, and none for a paused one.
func recommend(g tables.Goal, now time.Time) []recommendation {
	left := g.TargetDate - now.UnixMilli()
	if g.Paused || left <= 0 || onTrack(g, now) {
		return nil
	}
	amount := progressOf(g, now).RecommendedMonthlySavings
	return []recommendation{{
		Type: g.Type, Title: string(g.Title), Priority: g.Priority,
		Description:     fmt.Sprintf("Save %s a month to reach this goal by its date.", amount.Decimal().StringFixed(2)),
		SuggestedAmount: amount, SuggestedTimeframe: months(left).Round(1).InexactFloat64(),
		Reasoning: "Less is saved than the part of the time that has passed.",
	}}
}
