package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

var acceptance = Rule{
	ID:    NeedlessAcceptance,
	Title: "Findings are accepted by policy.Accept only, and only where there is one",
	Why:   "CDK takes an acknowledgement for the whole app, and an acceptance that is not listed or not needed hides the next finding.",
	Fix:   "use policy.Accept beside the resource; remove what accepts nothing.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			i.checkAcknowledgements(s)
			i.checkSuppressions(s)
		}
		for _, a := range i.accepted {
			needed := slices.ContainsFunc(i.findings, func(f Finding) bool { return f.Rule.ID == a.Rule && contains(a.Construct, f.Construct) })
			if strings.HasPrefix(a.Rule, "policy::") && !needed {
				i.reportAt(&assembly.Stack{}, a.Construct, "accepts %s, which nothing in it breaks", a.Rule)
			}
		}
	},
}

// checkAcknowledgements finds rules acknowledged through CDK. Those of its
// annotations are left alone: CDK confines them itself.
func (i *inspection) checkAcknowledgements(s *assembly.Stack) {
	for _, n := range s.Notes {
		if n.Type != acknowledgedNote {
			continue
		}
		rules, _ := n.Data.(map[string]any)
		for _, id := range slices.Sorted(maps.Keys(rules)) {
			if !strings.HasPrefix(id, "Annotation::") {
				i.reportAt(s, n.Path, "%s is acknowledged past policy.Accept", id)
			}
		}
	}
}

// checkSuppressions finds rules of cdk-nag suppressed past Accept, for a stack
// or for a resource.
func (i *inspection) checkSuppressions(s *assembly.Stack) {
	for _, rule := range suppressed(s.Template["Metadata"]) {
		if !i.lists(rule, s.Path) {
			i.reportAt(s, s.Path, "%s is suppressed for the whole stack past policy.Accept", rule)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
		r := s.Resources[id]
		for _, rule := range suppressed(r.Metadata) {
			if !i.lists(rule, r.Path) {
				i.report(s, id, "%s is suppressed past policy.Accept", rule)
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

// lists reports whether an acceptance stands behind the suppression of a rule,
// which cdk-nag writes without the finding.
func (i *inspection) lists(rule, path string) bool {
	return slices.ContainsFunc(i.accepted, func(a Acceptance) bool {
		id, _, _ := strings.Cut(a.Rule, "[")
		return id == rule && contains(a.Construct, path)
	})
}
