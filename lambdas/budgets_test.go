package lambdas_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/auth"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// asInProd returns a function's routes with the budgets of prod.
func asInProd(t *testing.T, f *function.Function) []function.Route {
	t.Helper()
	prod, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]config.Budget{
		function.Registrations.Name: prod.Budgets.Registrations,
		function.Emails.Name:        prod.Budgets.Emails,
		function.Disclosures.Name:   prod.Budgets.Disclosures,
	}
	routes := slices.Clone(f.Routes)
	for i := range routes {
		routes[i].Budgets = slices.Clone(routes[i].Budgets)
		for j, budget := range routes[i].Budgets {
			routes[i].Budgets[j].PerAddress, routes[i].Budgets[j].PerStage = numbers[budget.Name].PerIP, numbers[budget.Name].PerStage
		}
	}
	return routes
}

// One program at one address.
func TestRegister_SixtyOneRequestsOfOneAddress_TwentyAreServed(t *testing.T) {
	config, variables := newEngine(t)
	now := time.Now()
	g := guard.New(dynamodb.NewFromConfig(config), variables[tables.RateLimits.Variable()], asInProd(t, auth.Register), func() time.Time { return now })
	served := 0
	for range 61 {
		if g.Check(t.Context(), "POST /auth/register", guard.SourceIP("here")) == nil {
			served++
		}
	}
	if served != 20 {
		t.Errorf("%d of 61 are served", served)
	}
}
