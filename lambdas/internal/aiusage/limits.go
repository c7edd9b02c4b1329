package aiusage

import (
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Kind is what a call to the model is for.
type Kind string

// The kinds. Their names are stored.
const (
	Chat          Kind = "chat"
	ChartInsight  Kind = "chart-insight"
	CreditInsight Kind = "credit-insight"
	Categories    Kind = "categories"
)

// Limit is how many calls of a kind a user may make.
type Limit struct{ Daily, Hourly int }

// Limits are the limits of a plan. Free users have 10 questions a day, which is what the
// app tells them when they are refused. Comments on charts are for the premium plan.
var Limits = map[tables.Plan]map[Kind]Limit{
	tables.Free: {
		Chat: {10, 10}, CreditInsight: {3, 3}, Categories: {100, 60},
	},
	tables.Premium: {
		Chat: {100, 40}, ChartInsight: {40, 20}, CreditInsight: {6, 6}, Categories: {500, 200},
	},
}

// usd is a USD in the unit of costs.
const usd = 1_000_000_000

// MonthlyMoney is what a user's calls may cost in a month, in billionths of a USD.
var MonthlyMoney = map[tables.Plan]int64{
	tables.Free:    usd / 4,
	tables.Premium: 2 * usd,
}

const (
	// holdTime is longer than a call can take: an HTTP API waits for 30 s.
	holdTime = time.Minute
	// keepAfter is how long an item outlives its month.
	keepAfter = 100 * 24 * time.Hour
	// daysOfBudget is how many days it takes at least to spend a month's budget.
	daysOfBudget = 10
)
