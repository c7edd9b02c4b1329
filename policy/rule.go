package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// The ids of the rules of this package, for Accept. See [Rules] for what each
// says.
const (
	Wildcard           = "policy::wildcard"
	TableEncrypted     = "policy::table-encrypted"
	TableRecoverable   = "policy::table-recoverable"
	TableProtected     = "policy::table-protected"
	FunctionRole       = "policy::function-role"
	FunctionTraced     = "policy::function-traced"
	FunctionLogs       = "policy::function-logs"
	FunctionAlarm      = "policy::function-alarm"
	LogRetention       = "policy::log-retention"
	PublicBucket       = "policy::public-bucket"
	PublicPrincipal    = "policy::public-principal"
	PublicIngress      = "policy::public-ingress"
	ServiceCaller      = "policy::service-caller"
	PlaintextSecret    = "policy::plaintext-secret"
	StackSize          = "policy::stack-size"
	StatefulID         = "policy::stateful-id"
	PhysicalName       = "policy::physical-name"
	NagWarning         = "policy::nag-warning"
	NeedlessAcceptance = "policy::acceptance"
)

// Rule is one rule of this package.
type Rule struct {
	// ID is what Accept takes, for example "policy::wildcard".
	ID string
	// Title says what is so where the rule is kept.
	Title string
	// Why says what it prevents.
	Why string
	// Fix says how to keep it.
	Fix string

	check func(*inspection)
}

// Finding is one place where a rule is broken.
type Finding struct {
	// Rule is the rule.
	Rule Rule
	// Construct is the path of the construct.
	Construct string
	// LogicalID is the resource in the template; empty where the finding is
	// about a whole stack or a construct without a resource.
	LogicalID string
	// Template is the file of the stack's template.
	Template string
	// Message says what is wrong there.
	Message string
}

// String is the finding in one line: where, which rule, what, why, and how to
// fix it.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s. %s Fix: %s", f.Construct, f.Rule.ID, f.Message, f.Rule.Why, f.Rule.Fix)
}

// Rules returns every rule of this package.
func Rules() []Rule {
	return []Rule{
		wildcard,
		tableEncrypted, tableRecoverable, tableProtected,
		functionRole, functionTraced, functionLogs, functionAlarm,
		logRetention,
		publicBucket, publicPrincipal, publicIngress, serviceCaller,
		plaintextSecret,
		stackSize, statefulID, physicalName,
		nagWarning,
		acceptance, // last, since it looks at what the others found
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

// Check holds a cloud assembly (a cdk.out) to this package's rules and returns
// the findings that are not accepted. Attach does this at every synth; Check is
// for assemblies made elsewhere, in any language. It returns an error if the
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
		return covered(i.accepted, f.Rule.ID, f.Construct)
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
