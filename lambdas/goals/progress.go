package goals

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// progressResponse is how far a goal is. Amounts and the percentage are computed from exact
// amounts, at the pace since the goal was created.
type progressResponse struct {
	GoalID                    string        `json:"goalId"`
	ProgressPercentage        float64       `json:"progressPercentage"` // 0 to 100, rounded down to one decimal
	AmountRemaining           money.Amount  `json:"amountRemaining"`
	DaysRemaining             int64         `json:"daysRemaining"` // whole days begun, 0 after the date
	IsOnTrack                 bool          `json:"isOnTrack"`
	ProjectedCompletionDate   dates.Instant `json:"projectedCompletionDate,omitempty"`
	RecommendedMonthlySavings money.Amount  `json:"recommendedMonthlySavings"`
}

// In milliseconds. A month is an average one, a twelfth of 365.25 days.
const (
	day   = 24 * 60 * 60 * 1000
	month = 365.25 * day / 12
	// maxProjection is how far ahead a completion is projected.
	maxProjection = 50 * 365 * day
)

func progressOf(g tables.Goal, now time.Time) progressResponse {
	left := g.TargetDate - now.UnixMilli()
	p := progressResponse{
		GoalID: g.GoalID, DaysRemaining: dates.DaysLeft(g.TargetDate, now),
		IsOnTrack: onTrack(g, now), ProjectedCompletionDate: projection(g, now),
	}
	if completed(g) {
		p.ProgressPercentage = 100
		return p
	}
	p.AmountRemaining = g.TargetAmount.Sub(g.CurrentAmount)
	p.ProgressPercentage = percentage(g)
	p.RecommendedMonthlySavings, _ = money.FromDecimal(p.AmountRemaining.Decimal().Div(months(left)).RoundUp(2))
	return p
}

// months returns a number of milliseconds in months, at least one.
func months(milliseconds int64) decimal.Decimal {
	return decimal.NewFromInt(max(milliseconds, month)).Div(decimal.NewFromInt(month))
}

func percentage(g tables.Goal) float64 {
	hundred := decimal.NewFromInt(100)
	return g.CurrentAmount.Decimal().Mul(hundred).Div(g.TargetAmount.Decimal()).RoundFloor(1).InexactFloat64()
}

// onTrack reports whether as large a part of the target is saved as of the time has
// passed, in whole days: a new goal is on track.
func onTrack(g tables.Goal, now time.Time) bool {
	passed, whole := now.UnixMilli()-g.CreatedAt, g.TargetDate-g.CreatedAt
	if completed(g) || passed >= whole {
		return completed(g)
	}
	passed -= passed % day
	saved := g.CurrentAmount.Decimal().Mul(decimal.NewFromInt(whole))
	return saved.Cmp(g.TargetAmount.Decimal().Mul(decimal.NewFromInt(passed))) >= 0
}

// projection returns when the goal is completed at the pace so far, or "" where there
// is no pace yet or the date is too far.
func projection(g tables.Goal, now time.Time) dates.Instant {
	passed := now.UnixMilli() - g.CreatedAt
	if completed(g) || g.CurrentAmount.Sign() <= 0 || passed <= 0 {
		return ""
	}
	whole := g.TargetAmount.Decimal().Mul(decimal.NewFromInt(passed)).Div(g.CurrentAmount.Decimal())
	if whole.Cmp(decimal.NewFromInt(maxProjection)) > 0 {
		return ""
	}
	return dates.Milliseconds(g.CreatedAt + whole.IntPart())
}

// perMonth returns what was saved in an average month since the first of the goals was
// created, in pence. Less than a month counts as one.
func perMonth(saved money.Amount, goals []tables.Goal, now time.Time) money.Amount {
	first := now.UnixMilli()
	for _, g := range goals {
		first = min(first, g.CreatedAt)
	}
	average, _ := money.FromDecimal(saved.Decimal().Div(months(now.UnixMilli() - first)).Round(2))
	return average
}
