package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

var unusedAcceptance = Rule{
	ID:    UnusedAcceptance,
	Title: "Every acceptance is made by policy.Accept and accepts a finding",
	Why:   "CDK applies an acknowledgement to the whole app, and an unused or unlisted acceptance hides the next finding.",
	Fix:   "use policy.Accept on the resource; remove an acceptance that accepts no finding.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			i.checkAcknowledgements(s)
			i.checkSuppressions(s)
		}
		for _, a := range i.accepted {
			needed := slices.ContainsFunc(i.findings, func(f Finding) bool { return f.Rule.ID == a.Rule && contains(a.Construct, f.Construct) })
			if strings.HasPrefix(a.Rule, "policy::") && !needed {
				i.reportAt(&assembly.Stack{}, a.Construct, "accepts %s, but the rule has no finding in it", a.Rule)
			}
		}
	},
}

// checkAcknowledgements finds rules acknowledged through CDK. It skips CDK's
// annotations, because CDK limits an annotation to its own construct.
func (i *inspection) checkAcknowledgements(s *assembly.Stack) {
	for _, n := range s.Notes {
		if n.Type != acknowledgedNote {
			continue
		}
		rules, _ := n.Data.(map[string]any)
		for _, id := range slices.Sorted(maps.Keys(rules)) {
			if !strings.HasPrefix(id, "Annotation::") {
				i.reportAt(s, n.Path, "%s is acknowledged without policy.Accept", id)
			}
		}
	}
}

// checkSuppressions finds rules of cdk-nag suppressed without Accept, for a stack or
// for a resource.
func (i *inspection) checkSuppressions(s *assembly.Stack) {
	for _, rule := range suppressed(s.Template["Metadata"]) {
		if !i.isAccepted(rule, s.Path) {
			i.reportAt(s, s.Path, "%s is suppressed for the whole stack without policy.Accept", rule)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
		r := s.Resources[id]
		for _, rule := range suppressed(r.Metadata) {
			if !i.isAccepted(rule, r.Path) {
				i.report(s, id, "%s is suppressed without policy.Accept", rule)
			}
		}
	}
}

// suppressed returns the rules that cdk-nag's metadata names.
func suppressed(metadata any) []string {
	var rules []string
	for _, rule := range list(at(metadata, "cdk_nag", "rules_to_suppress")) {
		id, _ := at(rule, "id").(string)
		rules = append(rules, id)
	}
	return rules
}

// isAccepted reports whether Accept wrote the suppression of a rule. cdk-nag writes
// the rule's id without the finding in brackets.
func (i *inspection) isAccepted(rule, path string) bool {
	return slices.ContainsFunc(i.accepted, func(a Acceptance) bool {
		id, _, _ := strings.Cut(a.Rule, "[")
		return id == rule && contains(a.Construct, path)
	})
}
