package policy

import (
	"strings"

	"github.com/expenzez/infrastructure/constructs"
)

var wildcard = Rule{
	ID:    Wildcard,
	Title: "No policy has a wildcard where AWS accepts exact names",
	Why:   "A wildcard also grants access to actions and resources added later.",
	Fix:   "name the exact actions, ARNs and principals; constructs.ExplainedWildcards lists the exceptions.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			for _, sentence := range constructs.UnexplainedWildcardsIn(s) {
				id, rest, _ := strings.Cut(sentence, " ")
				_, what, _ := strings.Cut(rest, ": ")
				i.report(s, id, "%s", what)
			}
		}
	},
}

var logRetention = Rule{
	ID:    LogRetention,
	Title: "Every log group has a retention",
	Why:   "Otherwise CloudWatch Logs keeps and bills every line for ever.",
	Fix:   "set RetentionInDays; constructs.NewRetainedLogGroup does.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			for id, r := range s.OfType("AWS::Logs::LogGroup") {
				if r.Properties["RetentionInDays"] == nil {
					i.report(s, id, "the log group has no RetentionInDays")
				}
			}
		}
	},
}

var stackSize = Rule{
	ID:    StackSize,
	Title: "No stack has more resources than the budget (default 400)",
	Why:   "CloudFormation refuses a stack with more than 500 resources, which blocks every release until the stack is split.",
	Fix:   "move a domain to a stack of its own.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			if n := len(s.Resources); n > i.props.MaxResources {
				i.reportAt(s, s.Path, "the stack has %d resources, the budget is %d", n, i.props.MaxResources)
			}
		}
	},
}

var nagWarning = Rule{
	ID:    NagWarning,
	Title: "Every warning of cdk-nag is fixed or accepted",
	Why:   "CDK prints a warning and continues, even if cdk-nag could not evaluate a rule.",
	Fix:   "fix it, or accept the rule that the warning names.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			for _, n := range s.Notes {
				warning, _ := n.Data.(string)
				if id, _, _ := strings.Cut(warning, ":"); n.Type == warningNote && isNagRule(id) {
					i.reportAt(s, n.Path, "%s", strings.TrimRight(warning, ".\n "))
				}
			}
		}
	},
}
