package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// The ids of the rules of this package, for Accept. [Rules] explains each.
const (
	Wildcard         = "policy::wildcard"
	TableEncrypted   = "policy::table-encrypted"
	TableRecoverable = "policy::table-recoverable"
	TableProtected   = "policy::table-protected"
	BackedUp         = "policy::backed-up"
	FunctionRole     = "policy::function-role"
	FunctionTraced   = "policy::function-traced"
	FunctionLogs     = "policy::function-logs"
	FunctionAlarm    = "policy::function-alarm"
	FunctionEgress   = "policy::function-egress"
	LogRetention     = "policy::log-retention"
	PublicBucket     = "policy::public-bucket"
	PublicPrincipal  = "policy::public-principal"
	PublicIngress    = "policy::public-ingress"
	ConfusedDeputy   = "policy::confused-deputy"
	PlaintextSecret  = "policy::plaintext-secret"
	StackSize        = "policy::stack-size"
	StatefulID       = "policy::stateful-id"
	PhysicalName     = "policy::physical-name"
	NagWarning       = "policy::nag-warning"
	UnusedAcceptance = "policy::unused-acceptance"
)

// Rule is one rule of this package.
type Rule struct {
	// ID is the rule's id for Accept, for example "policy::wildcard".
	ID string
	// Title states the rule.
	Title string
	// Why says what the rule prevents.
	Why string
	// Fix says how to fix a finding.
	Fix string

	check func(*inspection)
}

// Finding is one violation of a rule.
type Finding struct {
	// Rule is the rule.
	Rule Rule
	// Construct is the path of the construct.
	Construct string
	// LogicalID is the resource in the template. It is empty if the finding is
	// about a whole stack or a construct without a resource.
	LogicalID string
	// Template is the file of the stack's template.
	Template string
	// Message says what is wrong.
	Message string
}

// String returns the finding as one line: where, which rule, what, why, and how to
// fix it.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s. %s Fix: %s", f.Construct, f.Rule.ID, f.Message, f.Rule.Why, f.Rule.Fix)
}

// Rules returns every rule of this package.
func Rules() []Rule {
	return []Rule{
		wildcard,
		tableEncrypted, tableRecoverable, tableProtected, backedUp,
		functionRole, functionTraced, functionLogs, functionAlarm, functionEgress,
		logRetention,
		publicBucket, publicPrincipal, publicIngress, confusedDeputy,
		plaintextSecret,
		stackSize, statefulID, physicalName,
		nagWarning,
		unusedAcceptance, // last, because it reads the findings of the others
	}
}

// inspection is one run of the rules over an assembly.
type inspection struct {
	*assembly.Assembly
	props    Props
	rule     Rule
	findings []Finding
	accepted []Acceptance
}

// Check checks a cloud assembly (a cdk.out) against this package's rules and returns
// the findings that are not accepted. Attach does this at every synth. Check is for
// assemblies that another program wrote, in any language. It returns an error if the
// assembly cannot be read.
func Check(dir string, props *Props) ([]Finding, error) {
	a, err := assembly.Read(dir)
	if err != nil {
		return nil, fmt.Errorf("policy: read the cloud assembly: %w", err)
	}
	return check(a, props.withDefaults()), nil
}

func check(a *assembly.Assembly, props Props) []Finding {
	for _, s := range a.Stacks {
		for id, r := range s.Resources {
			r.Properties, _ = s.Literal(r.Properties).(map[string]any)
			s.Resources[id] = r
		}
	}
	i := &inspection{Assembly: a, props: props, accepted: acceptances(a)}
	for _, i.rule = range Rules() {
		i.rule.check(i)
	}
	open := slices.DeleteFunc(i.findings, func(f Finding) bool {
		return isAccepted(i.accepted, f.Rule.ID, f.Construct)
	})
	slices.SortStableFunc(open, func(a, b Finding) int { return strings.Compare(a.Construct, b.Construct) })
	return open
}

// report records a finding about a resource of the stack.
func (i *inspection) report(s *assembly.Stack, id, format string, args ...any) {
	i.findings = append(i.findings, Finding{
		Rule: i.rule, Construct: constructOf(s, id), LogicalID: id, Template: s.File, Message: fmt.Sprintf(format, args...),
	})
}

// reportAt records a finding about a construct without a resource of its own.
func (i *inspection) reportAt(s *assembly.Stack, path, format string, args ...any) {
	i.findings = append(i.findings, Finding{
		Rule: i.rule, Construct: path, Template: s.File, Message: fmt.Sprintf(format, args...),
	})
}
