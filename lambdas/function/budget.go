package function

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// Budget limits what clients that are not signed in may cause in a day. Several
// routes can spend one budget. Each request takes one unit before its use case runs,
// whatever the outcome, so that a refused request discloses nothing about an account.
type Budget struct {
	// Name is stored and names a metric: with another name everything is counted anew.
	Name string
	// PerAddress is how many requests one address may make in BudgetPeriod. The stage
	// sets it, and PerStage (config.Budgets): a declaration has zeros.
	PerAddress int
	// PerStage is how many requests all addresses together may make in BudgetPeriod.
	// Zero means any number.
	PerStage int
}

// BudgetPeriod is the time in which an empty budget fills up. A budget is a token
// bucket (Limit): in its first day a client can spend it twice, later once a day.
const BudgetPeriod = 24 * time.Hour

// The budgets.
var (
	// Registrations limits new accounts: each stays for a week, confirmed or not.
	Registrations = Budget{Name: "registrations"}
	// Emails limits e-mails that clients can have sent to any address: bounces and
	// complaints cost the stage its reputation with SES.
	Emails = Budget{Name: "emails"}
	// Disclosures limits responses that tell whether there is an account (docs/security.md).
	Disclosures = Budget{Name: "disclosures"}
)

// ModelBudget is what the model may cost the stage in a month, in money (package aiusage).
// No route spends it.
var ModelBudget = Budget{Name: "ai"}

// Budgets returns every budget of routes.
func Budgets() []Budget { return []Budget{Registrations, Emails, Disclosures} }

// Setting is the setting that holds PerAddress and PerStage, in this order.
func (b Budget) Setting() Setting { return Setting("budget-" + b.Name) }

// UsageMetric returns the CloudWatch metric of how much of the stage's budget is used,
// in percent.
func (b Budget) UsageMetric() (namespace, name string, dimensions map[string]string) {
	return telemetry.Namespace, telemetry.BudgetUsedMetric, map[string]string{"service": telemetry.Service, "budget": b.Name}
}

// Spends has each request to a public route take one unit of each budget.
func Spends(budgets ...Budget) RouteOption {
	return func(r *Route) { r.Budgets = append(r.Budgets, budgets...) }
}

// HasStageBudget reports whether requests to the route are counted for the whole
// stage. The numbers must be filled in (Resources.Budgeted).
func (r Route) HasStageBudget() bool {
	return slices.ContainsFunc(r.Budgets, func(b Budget) bool { return b.PerStage > 0 })
}

// Spends reports whether requests to the route take a unit of the budget.
func (r Route) Spends(budget Budget) bool {
	return slices.ContainsFunc(r.Budgets, func(b Budget) bool { return b.Name == budget.Name })
}

// Budgeted returns the function's routes with the numbers of the stage in their budgets.
func (r *Resources) Budgeted() []Route {
	routes := slices.Clone(r.function.Routes)
	for i := range routes {
		routes[i].Budgets = slices.Clone(routes[i].Budgets)
		for j := range routes[i].Budgets {
			r.fill(&routes[i].Budgets[j])
		}
	}
	return routes
}

// fill reads the numbers of a budget.
func (r *Resources) fill(b *Budget) {
	values := r.Setting(b.Setting())
	if len(values) != 2 {
		r.problems = append(r.problems, fmt.Errorf("setting %s has %d values, not 2", b.Setting(), len(values)))
		return
	}
	var err1, err2 error
	b.PerAddress, err1 = strconv.Atoi(values[0])
	b.PerStage, err2 = strconv.Atoi(values[1])
	if err1 != nil || err2 != nil || b.PerAddress < 1 || b.PerStage < 0 {
		r.problems = append(r.problems, fmt.Errorf("setting %s is %q: give a number above 0 and a number", b.Setting(), values))
	}
}
