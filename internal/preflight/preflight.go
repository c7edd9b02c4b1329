package preflight

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/config"
)

// Step is a step of a first deployment.
type Step int

// The steps in their order.
const (
	// Mail is the deployment of the stack with the domain of e-mails.
	Mail Step = iota
	// Stacks is the deployment of all other stacks.
	Stacks
	// Users is the first user.
	Users
)

var stepNames = []string{"mail", "stacks", "users"}

// String returns the name that ParseStep accepts.
func (s Step) String() string { return stepNames[s] }

// ParseStep returns the step with the name.
func ParseStep(name string) (Step, error) {
	for i, known := range stepNames {
		if name == known {
			return Step(i), nil
		}
	}
	return 0, fmt.Errorf("unknown step %q: use one of %s", name, strings.Join(stepNames, ", "))
}

// Account gives access to an AWS account.
type Account struct {
	// Home and Edge are the clients' settings for the stage's region and for us-east-1.
	Home, Edge aws.Config
	// NameServers returns the name servers of a domain, as DNS has them. Default: those that this machine's
	// resolver finds.
	NameServers func(ctx context.Context, domain string) ([]string, error)
}

// Problem is something that is wrong in the account.
type Problem struct {
	// What says what is wrong.
	What string
	// Do says what to do about it.
	Do string
}

// Result is the outcome of a check.
type Result struct {
	// Check names what was checked.
	Check string
	// Before is the step that the check must pass before.
	Before Step
	// Page is the page of docs with the details.
	Page string
	// Problems are what is wrong. Empty means that all is well.
	Problems []Problem
}

// check is one check of an account.
type check struct {
	name   string
	before Step
	page   string
	find   func(ctx context.Context, p *probe) ([]Problem, error)
}

// accountCheck is the check without which no later one means anything.
const accountCheck = "account"

// checks are all checks, in the order in which an operator acts on them.
var checks = []check{
	{"configuration", Mail, "docs/first-deploy.md#1-configuration", placeholders},
	{accountCheck, Mail, "docs/first-deploy.md#2-account", account},
	{"other stages", Mail, "docs/decisions/0005-physical-names-and-accounts.md", otherStages},
	{"bootstrap", Mail, "docs/first-deploy.md#2-account", bootstrap},
	{"stacks", Mail, "docs/runbooks/first-deployment.md", stackStates},
	{"leftovers", Stacks, "docs/runbooks/first-deployment.md", leftovers},
	{"concurrency quota", Stacks, "docs/first-deploy.md#3-quotas", concurrency},
	{"transaction search", Stacks, "docs/telemetry.md", transactionSearch},
	{"hosted zone", Stacks, "docs/edge.md#dns", hostedZone},
	{"e-mail domain", Stacks, "docs/emails.md#a-stages-domain", emailDomain},
	{"certificates", Users, "docs/edge.md#dns", certificates},
	{"e-mail sandbox", Users, "docs/emails.md#a-stages-domain", emailSandbox},
	{"alert addresses", Users, "docs/first-deploy.md#7-before-the-first-user", alertAddresses},
	{"secrets", Users, "docs/first-deploy.md#7-before-the-first-user", secretValues},
}

// probe is a run of the checks.
type probe struct {
	cfg     config.Config
	account Account
}

// Run makes every check. It ends at the account's check if the credentials are not those of the stage's
// account, because later checks would be about another stage.
func Run(ctx context.Context, cfg config.Config, a Account) []Result {
	if a.NameServers == nil {
		a.NameServers = lookUpNameServers
	}
	p := &probe{cfg: cfg, account: a}
	var results []Result
	for _, c := range checks {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		problems, err := c.find(ctx, p)
		cancel()
		if err != nil {
			problems = append(problems, Problem{
				"the check failed: " + err.Error(), "allow the call to the credentials in use, or check by hand what the page says",
			})
		}
		results = append(results, Result{c.name, c.before, c.page, problems})
		if c.name == accountCheck && len(problems) > 0 {
			break
		}
	}
	return results
}

func lookUpNameServers(ctx context.Context, domain string) (hosts []string, err error) {
	found, err := net.DefaultResolver.LookupNS(ctx, domain)
	for _, server := range found {
		hosts = append(hosts, server.Host)
	}
	return hosts, err
}

// Blocking reports whether a problem stops the step or an earlier one.
func Blocking(results []Result, step Step) bool {
	for _, r := range results {
		if len(r.Problems) > 0 && r.Before <= step {
			return true
		}
	}
	return false
}

// Text returns the results for a terminal: what stops the step first of all, then what is for later.
func Text(results []Result, step Step) string {
	var b strings.Builder
	for _, r := range results {
		state := "ok"
		switch {
		case len(r.Problems) > 0 && r.Before <= step:
			state = "STOP"
		case len(r.Problems) > 0:
			state = "later"
		}
		fmt.Fprintf(&b, "%-6s %s\n", state, r.Check)
		for _, problem := range r.Problems {
			fmt.Fprintf(&b, "       %s\n       → %s\n", problem.What, problem.Do)
		}
		if len(r.Problems) > 0 {
			fmt.Fprintf(&b, "       %s\n", r.Page)
		}
	}
	return b.String()
}
