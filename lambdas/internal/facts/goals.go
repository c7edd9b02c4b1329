package facts

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// maxGoals is how many goals are told, the newest first.
const maxGoals = 5

// goalKinds are the kinds of goals of the contract. No other text is told as one.
var goalKinds = map[string]bool{
	"emergency_fund": true, "vacation": true, "debt_payoff": true, "major_purchase": true, "retirement": true, "custom": true,
}

// ofGoals returns the facts of goals, and their titles by letter.
func ofGoals(goals []tables.Goal, now time.Time) ([]Fact, map[string]string) {
	told, titles := []Fact{Number(Total, Goals, "", len(goals))}, map[string]string{}
	for i, g := range goals[:min(len(goals), maxGoals)] {
		kind := g.Type
		if !goalKinds[kind] {
			kind = "custom"
		}
		about := OfGoal(i, kind)
		titles[about.Goal] = string(g.Title)
		told = append(told, ofGoal(about, g, now)...)
	}
	return told, titles
}

func ofGoal(about Subject, g tables.Goal, now time.Time) []Fact {
	told := []Fact{Amount(about, Target, "", g.TargetAmount), Amount(about, Saved, "", g.CurrentAmount)}
	if g.TargetAmount.Sign() > 0 {
		part := percentOf(g.CurrentAmount, g.TargetAmount)
		told = append(told, Percentage(about, Progress, "", decimal.Min(part, decimal.NewFromInt(100)).RoundFloor(1)))
	}
	if left := g.TargetAmount.Sub(g.CurrentAmount); left.Sign() > 0 {
		told = append(told, Amount(about, Remaining, "", left))
		if days := dates.DaysLeft(g.TargetDate, now); days > 0 {
			told = append(told, Number(about, DaysLeft, "", int(days)))
		}
	}
	return told
}
