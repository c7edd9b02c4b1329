package constructs

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

const (
	// AWS charges the base price per request for a web ACL of up to 1500 units.
	// https://aws.amazon.com/waf/pricing/
	maxWCU = 1500
	// https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
	mostWCU = 5000
	// AWS WAF inspects the first 16 KB of a body, or up to 64 KB in steps of 16.
	// https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
	inspectionStep = 16 * 1024
	maxInspection  = 4 * inspectionStep
	// https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
	minRate, maxRate = 10, 2_000_000_000
	// https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
	maxResponseBytes = 4096
	maxRegexes       = 10
	maxRegexBytes    = 200
)

// pathPrefixPattern matches decoded paths. Empty parts and dot parts are refused
// separately.
var pathPrefixPattern = regexp.MustCompile(`^/[A-Za-z0-9._~/-]{0,199}$`)

// check records the problems of the rules under the prop's name.
func (r WebACLRules) check(prop string, p *problems) {
	r.Addresses.check(prop+".Addresses", p)
	r.checkRates(prop, p)
	r.GeoRestriction.check(prop+".GeoRestriction", p)
	r.checkBodies(prop, p)
	r.checkManaged(prop, p)
	r.checkConfirmed(prop, p)
	r.Responses.check(prop+".Responses", p)
	r.checkExtra(prop, p)
	p.require(r.MaxWCU >= maxWCU && r.MaxWCU <= mostWCU, prop+".MaxWCU", "is %d; use %d to %d", r.MaxWCU, maxWCU, mostWCU)
	wcu := r.wcu()
	p.require(wcu <= r.MaxWCU, prop, "need %d web ACL capacity units, and AWS charges more beyond %d; join rules of PerPath and BodyLimits under shorter prefixes, or raise MaxWCU", wcu, maxWCU)
}

// checkExtra records extra rules that AWS WAF would refuse, or whose names this
// package uses.
func (r WebACLRules) checkExtra(prop string, p *problems) {
	names := map[string]bool{}
	for _, rule := range r.rules(func(set string) string { return set }) {
		names[rule.name] = true
	}
	for i, rule := range r.Extra {
		at := fmt.Sprintf("%s.Extra[%d]", prop, i)
		p.require(rule.Name != nil && *rule.Name != "", at+".Name", "is missing; AWS WAF identifies rules by name")
		if rule.Name != nil {
			p.require(!names[*rule.Name], at+".Name", "%q is the name of another rule too", *rule.Name)
			names[*rule.Name] = true
		}
		p.require(rule.Statement != nil, at+".Statement", "is missing; say what the rule matches")
		p.require((rule.Action != nil) != (rule.OverrideAction != nil), at+".Action", "or OverrideAction must be given, and not both")
		p.require(rule.VisibilityConfig != nil, at+".VisibilityConfig", "is missing; AWS WAF requires a metric for each rule")
	}
	p.require((len(r.Extra) > 0) == (r.ExtraWCU > 0), prop+".ExtraWCU", "is %d for %d extra rules; aws wafv2 check-capacity reports what they need", r.ExtraWCU, len(r.Extra))
}

func (r WebACLRules) checkRates(prop string, p *problems) {
	p.requireWithin(rateRulesOfWebACL, prop+".PerPath", len(r.rateRules()), "join paths under a shorter prefix")
	p.requireRates(prop, r.PerAddress, r.PerPath)
	r.Forwarder.check(prop+".Forwarder", p)
}

func (p *problems) requireRates(prop string, perAddress RateLimit, perPath []PathRate) {
	p.requireRate(prop+".PerAddress", perAddress.Requests, perAddress.Window)
	p.requireRuleAction(prop+".PerAddress.Action", perAddress.Action)
	seen := map[string]bool{}
	for i, path := range perPath {
		at := fmt.Sprintf("%s.PerPath[%d]", prop, i)
		p.requirePathPrefix(at+".PathPrefix", path.PathPrefix, seen)
		for j, also := range path.AlsoUnder {
			p.requirePathPrefix(fmt.Sprintf("%s.AlsoUnder[%d]", at, j), also, seen)
		}
		p.requireRate(at, path.Requests, path.Window)
		p.requireRuleAction(at+".Action", path.Action)
	}
}

func (r WebACLRules) checkBodies(prop string, p *problems) {
	const message = "is %d; use 1 to %d bytes, as far as AWS WAF sees"
	p.require(r.MaxBodyBytes > 0 && r.MaxBodyBytes <= maxInspection, prop+".MaxBodyBytes", message, r.MaxBodyBytes, maxInspection)
	p.requireRuleAction(prop+".BodyAction", r.BodyAction)
	seen := map[string]bool{}
	for i, limit := range r.BodyLimits {
		at := fmt.Sprintf("%s.BodyLimits[%d]", prop, i)
		p.requirePathPrefix(at+".PathPrefix", limit.PathPrefix, seen)
		if limit.AnyLength {
			p.require(limit.MaxBytes == 0, at+".MaxBytes", "is %d, but AnyLength sets no limit; leave one of them out", limit.MaxBytes)
		} else {
			p.require(limit.MaxBytes > 0 && limit.MaxBytes <= maxInspection, at+".MaxBytes", message, limit.MaxBytes, maxInspection)
		}
	}
}

func (r WebACLRules) checkManaged(prop string, p *problems) {
	known := map[ManagedRuleGroup]managedGroup{}
	for _, g := range managedGroups {
		known[g.group] = g
		p.requireRuleAction(fmt.Sprintf("%s.ManagedGroups[%s]", prop, g.group), r.ManagedGroups[g.group])
		for i, rule := range r.CountedManagedRules[g.group] {
			_, ok := g.labels[rule]
			p.require(ok, fmt.Sprintf("%s.CountedManagedRules[%s][%d]", prop, g.group, i), "%q is no rule of the group; AWS's page on the group lists them", rule)
		}
	}
	for group := range r.ManagedGroups {
		p.require(known[group].wcu > 0, prop+".ManagedGroups", "%q is not one of the ManagedRuleGroup constants", group)
	}
	for group := range r.CountedManagedRules {
		p.require(known[group].wcu > 0, prop+".CountedManagedRules", "%q is not one of the ManagedRuleGroup constants", group)
	}
}

func (c GeoRestriction) check(prop string, p *problems) {
	p.require(len(c.AllowedCountries) == 0 || len(c.BlockedCountries) == 0, prop, "has both AllowedCountries and BlockedCountries; AllowedCountries excludes every other country already")
	for i, code := range c.AllowedCountries {
		p.requireCountry(fmt.Sprintf("%s.AllowedCountries[%d]", prop, i), code)
	}
	for i, code := range c.BlockedCountries {
		p.requireCountry(fmt.Sprintf("%s.BlockedCountries[%d]", prop, i), code)
	}
	p.requireRuleAction(prop+".Action", c.Action)
}

func (p *problems) requireRuleAction(prop string, action RuleAction) {
	p.require(oneOf(action, RuleBlock, RuleCount), prop, "is %q; use RuleBlock or RuleCount", action)
}

func (p *problems) requireRate(prop string, requests int, window time.Duration) {
	p.require(requests >= minRate && requests <= maxRate, prop+".Requests", "is %d; use %d to %d", requests, minRate, maxRate)
	p.require(oneOf(window, time.Minute, 2*time.Minute, 5*time.Minute, 10*time.Minute),
		prop+".Window", "is %v; use 1, 2, 5 or 10 minutes", window)
}

// requirePathPrefix records a prefix that no path can have, and one that is in seen
// already. It adds the prefix to seen.
func (p *problems) requirePathPrefix(prop, prefix string, seen map[string]bool) {
	ok := pathPrefixPattern.MatchString(prefix) && prefix != "/" &&
		!strings.Contains(prefix, "//") && !strings.Contains(prefix+"/", "/./") && !strings.Contains(prefix+"/", "/../")
	p.require(ok, prop, "is %q; begin with / and go on with letters, digits and . _ ~ - /, as the path reads when decoded", prefix)
	p.require(!seen[prefix], prop, "%q is listed twice", prefix)
	seen[prefix] = true
}

func (p *problems) requireCountry(prop, code string) {
	p.require(len(code) == 2 && strings.Contains(countryCodes, " "+code+" "), prop,
		"is %q; use an ISO 3166 code of two capital letters, such as GB", code)
}

func (p *problems) requireResponse(prop, body string) {
	var object map[string]any
	p.require(json.Unmarshal([]byte(body), &object) == nil && object != nil, prop, "is %q; write a JSON object", body)
	p.require(len(body) <= maxResponseBytes, prop, "has %d bytes; AWS WAF allows %d", len(body), maxResponseBytes)
}
