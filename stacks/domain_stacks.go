package stacks

import (
	"errors"
	"fmt"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// domainStack is a stack that has functions and nothing else.
type domainStack struct {
	name        function.Stack
	description string
}

// domainStacks are the stacks that follow the API, in the order in which Build makes
// them. Build makes the core stack and the API stack itself, because they have more
// than functions.
var domainStacks = []domainStack{
	{function.StackAuth, "Accounts, sign-in, profile, devices and the app lock"},
	{function.StackTransactions, "Bank accounts, transactions and budgets"},
	{function.StackAI, "The AI assistant and its insights"},
	{function.StackNotifications, "Notifications and alerts to users"},
}

// domainsByStack returns the domains of each stack. It reports each domain that
// names an unknown stack, or a stack that is built too early or too late for one of
// the domain's functions.
func domainsByStack(domains []function.Domain) (map[function.Stack][]function.Domain, error) {
	byStack := map[function.Stack][]function.Domain{}
	var problems []error
	for _, domain := range domains {
		byStack[domain.Stack] = append(byStack[domain.Stack], domain)
		problems = append(problems, checkStack(domain))
	}
	return byStack, errors.Join(problems...)
}

func checkStack(domain function.Domain) error {
	isDomainStack := slices.ContainsFunc(domainStacks, func(s domainStack) bool { return s.name == domain.Stack })
	if !isDomainStack && domain.Stack != function.StackCore && domain.Stack != function.StackAPI {
		return fmt.Errorf("domain %q: stack %q is not built: add it to domainStacks in stacks/domain_stacks.go", domain.Name, domain.Stack)
	}
	var problems []error
	for _, f := range domain.Functions {
		if domain.Stack == function.StackCore && len(f.Routes) > 0 {
			problems = append(problems, fmt.Errorf("function %q: has routes, but stack core is built before the API", f.Name))
		}
		if domain.Stack != function.StackCore && slices.ContainsFunc(f.Events, calledFromCore) {
			problems = append(problems, fmt.Errorf(
				"function %q: a resource of stack core invokes it, so its domain must name stack core instead of %s", f.Name, domain.Stack))
		}
	}
	return errors.Join(problems...)
}

// calledFromCore reports whether the user pool or a secret's rotation invokes the
// function. Such a resource refers to the function, and no reference may lead from
// the core stack to a later stack.
func calledFromCore(event function.Event) bool { return event.Trigger != "" || event.Rotates != nil }
