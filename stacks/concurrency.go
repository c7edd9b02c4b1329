package stacks

import (
	"slices"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// reservedConcurrency returns how many environments of the function run at once, at most
// and at any time. It is 0 for a function that only signed-in users, a schedule, AWS or
// an operator invokes: each of them is bounded elsewhere (stacks/acceptances.go).
func reservedConcurrency(cfg config.Config, f *function.Function) int {
	switch {
	case isPublic(f):
		return cfg.Functions.Concurrency.Public
	case isConsumer(f):
		return cfg.Functions.Concurrency.Consumer
	}
	return 0
}

// isPublic reports whether strangers can invoke the function.
func isPublic(f *function.Function) bool {
	return slices.ContainsFunc(f.Routes, func(r function.Route) bool { return r.Access == function.AccessPublic })
}

// isConsumer reports whether Lambda's event sources invoke the function.
func isConsumer(f *function.Function) bool {
	return slices.ContainsFunc(f.Events, function.Event.Batched)
}

// checkConcurrency returns an error if the account's quota is too small for what the
// functions of the domains reserve.
func checkConcurrency(cfg config.Config, domains []function.Domain) error {
	public, consumers := 0, 0
	for _, domain := range domains {
		for _, f := range domain.Functions {
			switch {
			case isPublic(f):
				public++
			case isConsumer(f):
				consumers++
			}
		}
	}
	return cfg.Functions.Concurrency.Check(public, consumers)
}

// unreserved says why a function that could be bounded has no reserved concurrency.
func unreserved(cfg config.Config) string {
	if cfg.Functions.Concurrency.Reserved(1, 1) == 0 {
		return " The stage's configuration reserves no concurrency, since the account's quota is too small for it."
	}
	return ""
}
