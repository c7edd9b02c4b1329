package cost

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/config"
)

// Report is the estimate of a stage.
type Report struct {
	// Stage and Profile name the estimate.
	Stage   string         `json:"stage"`
	Profile config.Profile `json:"profile"`
	// PricesOf is the day of the prices.
	PricesOf string `json:"pricesOf"`
	// BudgetUSD is what the fixed part may cost.
	BudgetUSD float64 `json:"budgetUsd"`
	// FixedUSD is the fixed part before free tiers, and Fixed what it pays for.
	FixedUSD float64 `json:"fixedUsd"`
	Fixed    []Item  `json:"fixed"`
	// Operations are the prices of a million requests by route.
	Operations []OperationCost `json:"operations"`
	// Growth is the whole bill by the number of users.
	Growth []Growth `json:"growth"`
}

// OperationCost is the price of a million requests to a route.
type OperationCost struct {
	// Key is the route key.
	Key string `json:"key"`
	// USD is the price of a million requests, before free tiers.
	USD float64 `json:"usdPerMillion"`
	// Items are its parts.
	Items []Item `json:"items"`
}

// Growth is the bill of a month at a number of users.
type Growth struct {
	// Name says what the case is, and Users how many are active.
	Name  string  `json:"name"`
	Users float64 `json:"users"`
	// Variable is what the users cause.
	Variable []Item `json:"variable"`
	// VariableUSD is the price of Variable and TotalUSD that of all, before free tiers.
	VariableUSD float64 `json:"variableUsd"`
	TotalUSD    float64 `json:"totalUsd"`
	// FreeUSD is what free tiers pay of TotalUSD.
	FreeUSD float64 `json:"freeUsd"`
}

// PerThousandUsers returns the price of a thousand users a month, without the fixed part.
func (g Growth) PerThousandUsers() float64 { return g.VariableUSD / g.Users * 1000 }

// Estimate returns the report of a stage whose configuration was synthesized to the stacks.
func Estimate(cfg config.Config, stacks []Stack) (Report, error) {
	for _, stack := range stacks {
		if !strings.HasPrefix(stack.Name, cfg.PhysicalName("")) {
			return Report{}, fmt.Errorf("the templates have the stack %s, which is none of stage %s: synthesize the stage into an empty folder", stack.Name, cfg.Stage)
		}
	}
	prices, err := Prices()
	if err != nil {
		return Report{}, err
	}
	operations, err := Operations()
	if err != nil {
		return Report{}, err
	}
	report := Report{Stage: cfg.Stage, Profile: cfg.Controls.Profile, PricesOf: prices.Date, BudgetUSD: cfg.FixedCost.Of(cfg.Controls.Profile)}
	if report.Fixed, err = Fixed(cfg, stacks, prices); err != nil {
		return report, err
	}
	var fixedFree float64
	report.FixedUSD, fixedFree = total(report.Fixed)
	if report.Operations, err = operationCosts(cfg, operations, prices); err != nil {
		return report, err
	}
	user, err := userAmounts(cfg, operations)
	if err != nil {
		return report, err
	}
	for _, traffic := range Traffics(prices) {
		items, err := user.items(traffic.Users, prices)
		if err != nil {
			return report, err
		}
		usd, free := total(items)
		report.Growth = append(report.Growth, Growth{
			Name: traffic.Name, Users: traffic.Users, Variable: items,
			VariableUSD: usd, TotalUSD: usd + report.FixedUSD, FreeUSD: free + fixedFree,
		})
	}
	return report, nil
}

// CheckBudget returns an error if the fixed part passes the budget. It names every row.
func (r Report) CheckBudget() error {
	if r.FixedUSD <= r.BudgetUSD {
		return nil
	}
	text := fmt.Sprintf("stage %s in profile %s costs %.2f USD a month without a request, above its budget of %.2f: choose fewer controls, or raise FixedCost in config/%s.go:",
		r.Stage, r.Profile, r.FixedUSD, r.BudgetUSD, r.Stage)
	for _, item := range r.Fixed {
		text += fmt.Sprintf("\n  %-28s %8.2f USD  %.0f × %s", item.Control, item.USD, item.Quantity, item.Unit)
	}
	return fmt.Errorf("%s", text)
}

func operationCosts(cfg config.Config, operations map[string]Operation, prices PriceList) ([]OperationCost, error) {
	var costs []OperationCost
	for _, key := range slices.Sorted(maps.Keys(operations)) {
		request, err := requestAmounts(cfg, key, operations[key])
		if err != nil {
			return nil, err
		}
		items, err := request.items(1e6, prices)
		if err != nil {
			return nil, err
		}
		usd, _ := total(items)
		costs = append(costs, OperationCost{Key: key, USD: usd, Items: items})
	}
	return costs, nil
}

// items returns the amounts times a number, priced, in the order of their names.
func (a amounts) items(times float64, prices PriceList) ([]Item, error) {
	var items []Item
	for _, key := range slices.SortedFunc(maps.Keys(a), func(x, y fixedKey) int {
		return cmp.Or(cmp.Compare(x.control, y.control), cmp.Compare(x.price, y.price))
	}) {
		if a[key] == 0 {
			continue
		}
		item, err := prices.item(key.control, key.price, a[key]*times)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}
