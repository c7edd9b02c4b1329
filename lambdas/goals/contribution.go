package goals

import (
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// maxContributions is how many contributions of a goal are kept one by one: as history,
// and to recognise one that comes again.
const maxContributions = 100

// contribute adds a contribution with an id, unless the goal has it.
func contribute(g *tables.Goal, id string, amount money.Amount, now time.Time) {
	if !slices.ContainsFunc(g.Contributions, func(c tables.GoalContribution) bool { return c.ID == id }) {
		addContribution(g, id, amount, now)
	}
}

// addContribution changes the goal's amount and notes the contribution. The oldest beyond
// maxContributions become a part of Earlier.
func addContribution(g *tables.Goal, id string, amount money.Amount, now time.Time) {
	if amount.IsZero() {
		return
	}
	g.CurrentAmount = g.CurrentAmount.Add(amount)
	g.Contributions = append(g.Contributions, tables.GoalContribution{ID: id, Amount: amount, At: now.UnixMilli()})
	for len(g.Contributions) > maxContributions {
		g.Earlier = g.Earlier.Add(g.Contributions[0].Amount)
		g.Contributions = g.Contributions[1:]
	}
}
