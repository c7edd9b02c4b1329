package changes

import (
	"maps"
	"math"
	"slices"

	"github.com/expenzez/infrastructure/internal/cost"
)

// Limits of a rise that needs no decision. A function with its alarms and its role costs
// less than 1 USD a month, so that an endpoint needs no label for its price.
const (
	maxFixedRise   = 1.00 // USD a month and stage
	maxShareOfRise = 0.05 // of the price of an operation, or of a thousand users
)

// PriceChange is a price that differs.
type PriceChange struct {
	Stage string
	// What is the thing with the price, with its unit.
	What string
	// Before and After are in USD. Before is 0 for a new operation.
	Before, After float64
	// Refused reports whether the rise is above its limit.
	Refused bool
}

// compareCosts returns the prices that differ: the fixed part of each stage, then a
// million requests of each operation and a thousand users of each case, which have the
// same price in every stage.
func compareCosts(base, head map[string]cost.Report) []PriceChange {
	var changes []PriceChange
	for _, stage := range slices.Sorted(maps.Keys(head)) {
		was, is := base[stage].FixedUSD, head[stage].FixedUSD
		if differ(was, is) {
			changes = append(changes, PriceChange{stage, "a month without a request", was, is, is-was > maxFixedRise || is > head[stage].BudgetUSD})
		}
	}
	const stage = "prod"
	before := prices(base[stage])
	after := prices(head[stage])
	for _, what := range slices.Sorted(maps.Keys(after)) {
		was, known := before[what]
		is := after[what]
		if differ(was, is) {
			changes = append(changes, PriceChange{stage, what, was, is, known && is > was*(1+maxShareOfRise)})
		}
	}
	return changes
}

// prices returns the prices that grow with requests and users, by what they are for.
func prices(report cost.Report) map[string]float64 {
	list := map[string]float64{}
	for _, operation := range report.Operations {
		list["a million requests of "+operation.Key] = operation.USD
	}
	for _, growth := range report.Growth {
		list["a thousand users a month, "+growth.Name] = growth.PerThousandUsers()
	}
	return list
}

// differ reports whether two prices differ by a cent.
func differ(a, b float64) bool { return math.Abs(a-b) >= 0.01 }
