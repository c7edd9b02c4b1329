package policy

import (
	"strings"

	"github.com/expenzez/infrastructure/constructs"
)

var wildcard = Rule{
	ID:    Wildcard,
	Title: "No policy allows a wildcard that AWS leaves a way around",
	Why:   "A wildcard grants what nobody has thought of yet.",
	Fix:   "name the exact actions, ARNs and principals; what cannot be named is listed by constructs.ExplainedWildcards.",
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
	Why:   "CloudWatch Logs otherwise keeps and charges for every line for ever.",
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
	Title: "No stack has more resources than the budget (400 unless said otherwise)",
	Why:   "CloudFormation refuses a stack with more than 500, and then no release goes out until it is split.",
	Fix:   "move a domain to a stack of its own.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			if n := len(s.Resources); n > i.props.MostResources {
				i.reportAt(s, s.Path, "the stack has %d resources, the budget is %d", n, i.props.MostResources)
			}
		}
	},
}

var nagWarning = Rule{
	ID:    NagWarning,
	Title: "No warning of cdk-nag is passed over",
	Why:   "CDK shows a warning and goes on, also where cdk-nag could not evaluate one of its rules.",
	Fix:   "repair it, or accept the rule that the warning names.",
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
