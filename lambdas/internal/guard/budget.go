package guard

import (
	"strings"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// budgetBuckets returns the buckets of a route's budgets: the budgets of a source
// IP, and the budgets of the stage.
func budgetBuckets(budgets []function.Budget) (ofAddress, ofStage []bucket) {
	for _, b := range budgets {
		ofAddress = append(ofAddress, budgetBucket(b.Name, b.PerAddress))
		if b.PerStage > 0 {
			ofStage = append(ofStage, budgetBucket(b.Name, b.PerStage))
		}
	}
	return ofAddress, ofStage
}

func budgetBucket(name string, requests int) bucket {
	per := function.BudgetPeriod.Microseconds()
	return bucket{attribute: BudgetAttribute(name), per: per, cost: per / int64(requests)}
}

// BudgetAttribute returns the attribute of a RateLimits item that holds a budget. Its
// value is the time, in microseconds since the epoch, up to which the budget is spent.
func BudgetAttribute(name string) string { return tables.BudgetAttribute + name }

// Used returns the used share of each stage budget of the route in percent, by the
// budget's name. The numbers are from the guard's latest write.
func (g *Guard) Used(routeKey string) map[string]float64 {
	spent, now := g.recent.get(Stage.id), g.now().UnixMicro()
	used := make(map[string]float64, len(g.stage[routeKey]))
	for _, b := range g.stage[routeKey] {
		if spentUntil, ok := spent[b.attribute]; ok {
			used[strings.TrimPrefix(b.attribute, tables.BudgetAttribute)] = 100 * b.used(spentUntil, now)
		}
	}
	return used
}

// used returns the share of a bucket's tokens that are taken, from 0 to 1. A partly
// refilled token counts as taken.
func (b bucket) used(spentUntil, now int64) float64 {
	remaining := max(0, now-spentUntil) / b.cost
	return max(0, 1-float64(remaining)/float64(b.per/b.cost))
}
