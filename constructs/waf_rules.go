package constructs

import (
	"fmt"
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
	// Extra are the caller's own rules. They run after all others, in the order of
	// the list, which sets their Priority. Names must begin with a letter and
	// differ from this package's rules. Default: none.
	Extra []awswafv2.CfnWebACL_RuleProperty
	// ExtraWCU is the capacity of Extra, as aws wafv2 check-capacity reports it.
	// Required with Extra.
	// https://docs.aws.amazon.com/waf/latest/APIReference/API_CheckCapacity.html
	ExtraWCU int
	// Responses are the response bodies of blocked requests. Default: see
	// BlockResponses.
	Responses BlockResponses
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
	// Requests is the limit, 10 to 2,000,000,000. Required.
	Requests int
	// Window is the time it counts for: 1, 2, 5 or 10 minutes. Default: 5
	// minutes.
	Window time.Duration
	// Separate counts the requests under this prefix here only. PerAddress and the
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

// BlockResponses are the JSON bodies of blocked requests, at most 4096 bytes each.
// The status is 429 for too many requests and 400 for all others. It is never 403,
// AWS WAF's own status, which clients could confuse with the API's.
type BlockResponses struct {
	// TooManyRequests is the body for 429, which also has a Retry-After header.
	// Default:
	// {"error":{"code":"TOO_MANY_REQUESTS","message":"Too many requests. Try again later."}}
	TooManyRequests string
	// Refused is the body for 400. Default:
	// {"error":{"code":"REQUEST_REFUSED","message":"The request was refused."}}
	Refused string
}

// wafRule is one rule of a web ACL. A managed rule takes its action from its group.
type wafRule struct {
	name      string
	statement wafStatement
	action    map[string]any
	managed   bool
}

// Keys of the web ACL's custom responses.
const (
	responseTooManyRequests = "too-many-requests"
	responseRefused         = "refused"
)

func (r WebACLRules) withDefaults() WebACLRules {
	r.PerAddress.Requests = orDefault(r.PerAddress.Requests, 2000)
	r.PerAddress.Window = orDefault(r.PerAddress.Window, 5*time.Minute)
	paths := make([]PathRate, len(r.PerPath))
	for i, path := range r.PerPath {
		path.Window = orDefault(path.Window, 5*time.Minute)
		paths[i] = path
	}
	r.PerPath = paths
	r.MaxBodyBytes = orDefault(r.MaxBodyBytes, inspectionStep)
	r.Responses.TooManyRequests = orDefault(r.Responses.TooManyRequests,
		`{"error":{"code":"TOO_MANY_REQUESTS","message":"Too many requests. Try again later."}}`)
	r.Responses.Refused = orDefault(r.Responses.Refused,
		`{"error":{"code":"REQUEST_REFUSED","message":"The request was refused."}}`)
	return r
}

// rules returns the rules in the order in which they run: addresses, countries,
// rates, body sizes, and last the managed groups, which cost most. The rules of
// Extra run after them. arnOf returns the ARN of an IP set.
func (r WebACLRules) rules(arnOf func(set string) string) []wafRule {
	return slices.Concat(r.Addresses.rules(arnOf), r.geoRules(), r.rateRules(), r.bodyRules(), r.managedRules())
}

func (r WebACLRules) geoRules() []wafRule {
	action := refuseAction(r.GeoRestriction.Action)
	switch {
	case len(r.GeoRestriction.AllowedCountries) > 0:
		return []wafRule{{name: "Countries", statement: notStatement(fromCountries(r.GeoRestriction.AllowedCountries)), action: action}}
	case len(r.GeoRestriction.BlockedCountries) > 0:
		return []wafRule{{name: "Countries", statement: fromCountries(r.GeoRestriction.BlockedCountries), action: action}}
	}
	return nil
}

// bodyRules returns a rule for each limit and one for all other paths.
func (r WebACLRules) bodyRules() []wafRule {
	size := append([]wafStatement{bodyOver(r.MaxBodyBytes)}, r.excludeNestedLimits("")...)
	rules := []wafRule{{name: "BodySize", statement: allOf(size...), action: refuseAction(r.BodyAction)}}
	for i, limit := range r.BodyLimits {
		if limit.AnyLength {
			continue
		}
		size := append([]wafStatement{bodyOver(limit.MaxBytes), pathUnder(limit.PathPrefix)}, r.excludeNestedLimits(limit.PathPrefix)...)
		rules = append(rules, wafRule{
			name:      ruleName("BodySize", i, limit.PathPrefix),
			statement: allOf(size...),
			action:    refuseAction(r.BodyAction),
		})
	}
	return rules
}

// excludeNestedLimits returns statements that exclude the paths under prefix with
// their own limit. It leaves out limits nested deeper, because their enclosing
// limit already excludes them.
func (r WebACLRules) excludeNestedLimits(prefix string) []wafStatement {
	var excluded []wafStatement
	for _, limit := range r.BodyLimits {
		if r.enclosingPrefix(limit.PathPrefix) == prefix {
			excluded = append(excluded, notStatement(pathUnder(limit.PathPrefix)))
		}
	}
	return excluded
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

// managedRules returns two rules for each group: the group itself, which only
// counts, and a rule that acts on its labels. A group that blocks answers 403. Its
// responses could be changed only rule by rule, so a rule that AWS adds would
// answer 403 again.
func (r WebACLRules) managedRules() []wafRule {
	var rules []wafRule
	for _, g := range managedGroups {
		counted := r.countedRules(g)
		rules = append(rules,
			wafRule{name: string(g.group), statement: g.statement(counted), managed: true},
			wafRule{name: string(g.group) + "Found", statement: g.labelStatement(counted), action: refuseAction(r.ManagedGroups[g.group])})
	}
	return rules
}

// countedRules returns the rules of a group that only count, each once.
func (r WebACLRules) countedRules(g managedGroup) []string {
	list := slices.Clone(g.alwaysCounted)
	for _, rule := range r.CountedManagedRules[g.group] {
		if !slices.Contains(list, rule) {
			list = append(list, rule)
		}
	}
	return list
}

// wcu returns the total capacity of the rules.
func (r WebACLRules) wcu() int {
	wcu := r.ExtraWCU
	for _, rule := range r.rules(func(set string) string { return set }) {
		wcu += rule.statement.wcu
	}
	return wcu
}

func refuseAction(action RuleAction) map[string]any {
	return blockOrCount(action, map[string]any{"responseCode": 400, "customResponseBodyKey": responseRefused})
}

func rateLimitAction(action RuleAction, window time.Duration) map[string]any {
	return blockOrCount(action, map[string]any{
		"responseCode": 429, "customResponseBodyKey": responseTooManyRequests,
		"responseHeaders": []any{map[string]any{"name": "Retry-After", "value": fmt.Sprint(int(window.Seconds()))}},
	})
}

func blockOrCount(action RuleAction, answer map[string]any) map[string]any {
	if action == RuleCount {
		return map[string]any{"count": map[string]any{}}
	}
	return map[string]any{"block": map[string]any{"customResponse": answer}}
}
