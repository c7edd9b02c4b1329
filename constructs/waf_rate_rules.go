package constructs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// rateRules returns the rules of the connections' addresses, followed by those of
// forwarded addresses. A request counts in one of the two sets only.
func (r WebACLRules) rateRules() []wafRule {
	own := rateSet{name: "Rate", perAddress: r.PerAddress, perPath: r.PerPath}
	if !r.Forwarder.isGiven() {
		return own.rules()
	}
	own.only = []wafStatement{notStatement(r.Forwarder.vouches())}
	forwarded := rateSet{
		name: "ForwardedRate", forwarded: true, only: []wafStatement{r.Forwarder.vouches()},
		perAddress: r.Forwarder.PerAddress, perPath: r.Forwarder.PerPath,
	}
	return append(own.rules(), forwarded.rules()...)
}

// rateSet are the rate rules of one kind of address.
type rateSet struct {
	name       string // how the names of the rules begin
	forwarded  bool
	only       []wafStatement // the requests that count at all
	perAddress RateLimit
	perPath    []PathRate
}

func (s rateSet) rules() []wafRule {
	rules := []wafRule{{
		name:      s.name + "PerAddress",
		statement: rateOver(s.perAddress.Requests, s.perAddress.Window, s.forwarded, s.countedUnder("")),
		verdict:   tooMany(s.perAddress.Action, s.perAddress.Window),
	}}
	for i, path := range s.perPath {
		rules = append(rules, wafRule{
			name:      ruleName(s.name, i, path.PathPrefix),
			statement: rateOver(path.Requests, path.Window, s.forwarded, s.countedUnder(path.PathPrefix, path.AlsoUnder...)),
			verdict:   tooMany(path.Action, path.Window),
		})
	}
	return rules
}

// countedUnder returns the statement of the requests that a rate rule of the prefixes
// counts. It is the zero statement if the rule counts every request.
func (s rateSet) countedUnder(prefix string, more ...string) wafStatement {
	of := slices.Clone(s.only)
	if prefix != "" {
		of = append(of, pathUnderAny(append([]string{prefix}, more...)))
	}
	for _, path := range s.perPath {
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

func (r RateLimit) withDefaults() RateLimit {
	r.Requests = orDefault(r.Requests, 2000)
	r.Window = orDefault(r.Window, 5*time.Minute)
	return r
}

func withWindows(paths []PathRate) []PathRate {
	copied := make([]PathRate, len(paths))
	for i, path := range paths {
		path.Window = orDefault(path.Window, 5*time.Minute)
		copied[i] = path
	}
	return copied
}
