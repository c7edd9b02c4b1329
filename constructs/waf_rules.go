package constructs

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
)

// RuleAction is what happens to a request that a rule matches.
type RuleAction string

const (
	// RuleBlock refuses the request with a response of this package. It is the zero
	// value.
	RuleBlock RuleAction = ""
	// RuleCount lets the request pass, and counts and logs it. Use it to try a
	// rule.
	RuleCount RuleAction = "Count"
)

// WebACLRules are the rules of a web ACL, for WafProtectedApi and RegionalWebACL.
// The zero value blocks requests that the managed groups match, addresses with more
// than 2000 requests in five minutes, and bodies over 16 KB.
type WebACLRules struct {
	// Addresses decides by the client's IP address alone, before every other rule.
	// Default: every address may call.
	Addresses AddressLists
	// PerAddress limits how many requests one address may send. Default: 2000
	// in 5 minutes.
	PerAddress RateLimit
	// PerPath limits how many requests one address may send to some paths, such
	// as those that check passwords. Default: none.
	PerPath []PathRate
	// Forwarder is a backend that forwards the requests of its own clients. Default:
	// none, every request counts for the address of its connection.
	Forwarder Forwarder
	// GeoRestriction decides by the country of the client's IP address. Default:
	// every country may call.
	GeoRestriction GeoRestriction
	// MaxBodyBytes is the maximum length of a body on paths without a BodyLimit, up
	// to 65536. Default: 16384, which AWS WAF inspects at no extra charge.
	MaxBodyBytes int
	// BodyLimits are limits of single paths that differ from MaxBodyBytes. The
	// longest matching prefix applies. Default: none.
	BodyLimits []BodyLimit
	// BodyAction is the action for a body over its limit. Default: RuleBlock.
	BodyAction RuleAction
	// ManagedGroups are the actions for requests that a managed group matches.
	// Default: RuleBlock for every group.
	ManagedGroups map[ManagedRuleGroup]RuleAction
	// CountedManagedRules are the rules of managed groups that only count, by AWS's
	// names. List rules that would block the API's own clients.
	// SizeRestrictions_BODY and AWSManagedIPDDoSList always only count. Default:
	// these two.
	CountedManagedRules map[ManagedRuleGroup][]string
	// ConfirmedManagedRules are rules of managed groups about bodies that block only
	// if the body matches a pattern too. Give rules that match honest texts, with
	// patterns of what the rule must still block. Default: none.
	ConfirmedManagedRules []ConfirmedRules
	// Extra are the caller's own rules. They run after all others, in the order of
	// the list, which sets their Priority. Names must begin with a letter and
	// differ from this package's rules. Default: none.
	Extra []awswafv2.CfnWebACL_RuleProperty
	// ExtraWCU is the capacity of Extra, as aws wafv2 check-capacity reports it.
	// Required with Extra.
	// https://docs.aws.amazon.com/waf/latest/APIReference/API_CheckCapacity.html
	ExtraWCU int
	// MaxWCU is the most web ACL capacity units that the rules may need, up to 5000.
	// Beyond 1500, AWS charges 0.20 USD per million requests for each 500.
	// https://aws.amazon.com/waf/pricing/
	// Default: 1500.
	MaxWCU int
	// Responses are the responses to blocked requests. Default: see BlockResponses.
	Responses BlockResponses

	answersLast bool // by rules of their own: in front of CloudFront, or for some paths
	edge        bool // responses have the security headers of an edge
}

// RateLimit is how many requests one address may send in a window.
type RateLimit struct {
	// Requests is the limit, 10 to 2,000,000,000. Default: 2000.
	Requests int
	// Window is the time it counts for: 1, 2, 5 or 10 minutes. Default: 5
	// minutes.
	Window time.Duration
	// Action is what happens to the requests beyond. Default: RuleBlock.
	Action RuleAction
}

// PathRate is a rate limit of its own for the paths under a prefix.
type PathRate struct {
	// PathPrefix is how the paths begin, such as "/auth/". Required.
	PathPrefix string
	// AlsoUnder are further prefixes whose requests count in the same limit.
	// Default: none.
	AlsoUnder []string
	// Requests is the limit, 10 to 2,000,000,000. Required.
	Requests int
	// Window is the time it counts for: 1, 2, 5 or 10 minutes. Default: 5
	// minutes.
	Window time.Duration
	// Separate counts the requests under PathPrefix here only. PerAddress and the
	// rules of shorter prefixes then leave them out. Default: false.
	Separate bool
	// Action is what happens to the requests beyond. Default: RuleBlock.
	Action RuleAction
}

// GeoRestriction allows or blocks countries by the client's IP address, as ISO 3166
// codes of two letters.
type GeoRestriction struct {
	// AllowedCountries are the only countries that may call. Default: all.
	AllowedCountries []string
	// BlockedCountries are the countries that may not call. Default: none.
	BlockedCountries []string
	// Action is the action for requests from other countries, or from blocked ones.
	// Default: RuleBlock.
	Action RuleAction
}

// BodyLimit is the maximum length of bodies under a path prefix.
type BodyLimit struct {
	// PathPrefix is how the paths begin, such as "/transactions/import".
	// Required.
	PathPrefix string
	// MaxBytes is the limit, up to 65536, the most that AWS WAF inspects. Required
	// unless AnyLength.
	MaxBytes int
	// AnyLength allows bodies of any length. AWS WAF does not inspect bytes beyond
	// 65536, so the function must limit the length. Default: false.
	AnyLength bool
}

// wafRule is one rule of a web ACL. A managed rule takes its action from its group.
type wafRule struct {
	name      string
	statement wafStatement
	action    map[string]any // if verdict is nil
	verdict   *verdict       // blocks the request
	label     string         // that the rule adds
	managed   bool
}

func (r WebACLRules) withDefaults() WebACLRules {
	r.PerAddress = r.PerAddress.withDefaults()
	r.PerPath = withWindows(r.PerPath)
	r.Forwarder = r.Forwarder.withDefaults()
	r.MaxWCU = orDefault(r.MaxWCU, maxWCU)
	r.MaxBodyBytes = orDefault(r.MaxBodyBytes, inspectionStep)
	r.Responses = r.Responses.withDefaults()
	r.answersLast = r.edge || len(r.Responses.PerPath) > 0
	return r
}

// rules returns the rules in the order in which they run: addresses, countries,
// rates, body sizes, and last the managed groups, which cost most, and the answers.
// The rules of Extra run after them. arnOf returns the ARN of an
// IP set or of a regex pattern set.
func (r WebACLRules) rules(arnOf func(set string) string) []wafRule {
	return r.answered(slices.Concat(r.Addresses.rules(arnOf), r.geoRules(), r.rateRules(), r.bodyRules(), r.managedRules(arnOf)))
}

func (r WebACLRules) geoRules() []wafRule {
	v := refused(r.GeoRestriction.Action)
	switch {
	case len(r.GeoRestriction.AllowedCountries) > 0:
		return []wafRule{{name: "Countries", statement: notStatement(r.fromCountries(r.GeoRestriction.AllowedCountries)), verdict: v}}
	case len(r.GeoRestriction.BlockedCountries) > 0:
		return []wafRule{{name: "Countries", statement: r.fromCountries(r.GeoRestriction.BlockedCountries), verdict: v}}
	}
	return nil
}

// bodyRules returns a rule for each limit and one for all other paths.
func (r WebACLRules) bodyRules() []wafRule {
	size := append([]wafStatement{bodyOver(r.MaxBodyBytes)}, r.excludeNestedLimits("")...)
	rules := []wafRule{{name: "BodySize", statement: allOf(size...), verdict: refused(r.BodyAction)}}
	for i, limit := range r.BodyLimits {
		if limit.AnyLength {
			continue
		}
		size := append([]wafStatement{bodyOver(limit.MaxBytes), pathUnder(limit.PathPrefix)}, r.excludeNestedLimits(limit.PathPrefix)...)
		rules = append(rules, wafRule{
			name:      ruleName("BodySize", i, limit.PathPrefix),
			statement: allOf(size...),
			verdict:   refused(r.BodyAction),
		})
	}
	return rules
}

// excludeNestedLimits returns statements that exclude the paths under prefix with
// their own limit. It leaves out limits nested deeper, because their enclosing
// limit already excludes them.
func (r WebACLRules) excludeNestedLimits(prefix string) []wafStatement {
	var excluded []string
	for _, limit := range r.BodyLimits {
		if r.enclosingPrefix(limit.PathPrefix) == prefix {
			excluded = append(excluded, limit.PathPrefix)
		}
	}
	if len(excluded) == 0 {
		return nil
	}
	return []wafStatement{notStatement(pathUnderAny(excluded))}
}

// enclosingPrefix returns the longest other prefix that contains path, or "" for
// all paths.
func (r WebACLRules) enclosingPrefix(path string) string {
	var prefix string
	for _, limit := range r.BodyLimits {
		outer := limit.PathPrefix
		if outer != path && strings.HasPrefix(path, outer) && len(outer) > len(prefix) {
			prefix = outer
		}
	}
	return prefix
}

// managedRules returns two rules for each group that blocks: the group itself, which
// only counts, and a rule that acts on its labels. A group that blocks answers 403. Its
// responses could be changed only rule by rule, so a rule that AWS adds would
// answer 403 again.
func (r WebACLRules) managedRules(arnOf func(set string) string) []wafRule {
	var rules []wafRule
	for _, g := range managedGroups {
		counted := r.countedRules(g)
		rules = append(rules, wafRule{name: string(g.group), statement: g.statement(counted), managed: true})
		if r.ManagedGroups[g.group] == RuleCount {
			continue
		}
		rules = append(rules, wafRule{name: string(g.group) + "Found", statement: g.labelStatement(counted), verdict: refused(RuleBlock)})
		for i, confirmed := range r.ConfirmedManagedRules {
			if confirmed.Group == g.group {
				rules = append(rules, wafRule{
					name:      string(g.group) + confirmed.set(i),
					statement: allOf(g.ruleLabels(confirmed.Rules), bodyMatchesAny(arnOf(confirmed.set(i)))),
					verdict:   refused(RuleBlock),
				})
			}
		}
	}
	return rules
}

// countedRules returns the rules of a group that only count, each once.
func (r WebACLRules) countedRules(g managedGroup) []string {
	list := slices.Concat(g.alwaysCounted, r.CountedManagedRules[g.group])
	for _, confirmed := range r.ConfirmedManagedRules {
		if confirmed.Group == g.group {
			list = append(list, confirmed.Rules...)
		}
	}
	var once []string
	for _, rule := range list {
		if !slices.Contains(once, rule) {
			once = append(once, rule)
		}
	}
	return once
}

// wcu returns the total capacity of the rules.
func (r WebACLRules) wcu() int {
	wcu := r.ExtraWCU
	for _, rule := range r.rules(func(set string) string { return set }) {
		wcu += rule.statement.wcu
	}
	return wcu
}
