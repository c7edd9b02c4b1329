package constructs

import (
	"fmt"
	"strings"
)

func (r WebACLRules) rateRules() []wafRule {
	rules := []wafRule{{
		name:      "RatePerAddress",
		statement: rateOver(r.PerAddress.Requests, r.PerAddress.Window, r.countedUnder("")),
		verdict:   tooMany(r.PerAddress.Action, r.PerAddress.Window),
	}}
	for i, path := range r.PerPath {
		rules = append(rules, wafRule{
			name:      ruleName("Rate", i, path.PathPrefix),
			statement: rateOver(path.Requests, path.Window, r.countedUnder(path.PathPrefix)),
			verdict:   tooMany(path.Action, path.Window),
		})
	}
	return rules
}

// countedUnder returns the statement of the requests that a rate rule of the prefix
// counts. It is the zero statement if the rule counts every request.
func (r WebACLRules) countedUnder(prefix string) wafStatement {
	var of []wafStatement
	if prefix != "" {
		of = append(of, pathUnder(prefix))
	}
	for _, path := range r.PerPath {
		if path.Separate && path.PathPrefix != prefix && strings.HasPrefix(path.PathPrefix, prefix) {
			of = append(of, notStatement(pathUnder(path.PathPrefix)))
		}
	}
	if len(of) == 0 {
		return wafStatement{}
	}
	return allOf(of...)
}

// ruleName returns the name of the rule for the i-th prefix. The number makes it
// unique, and a long name is cut off.
func ruleName(kind string, i int, prefix string) string {
	name := fmt.Sprintf("%s%d%s", kind, i+1, camelCase(prefix))
	return name[:min(len(name), ruleNameLength.max)]
}
