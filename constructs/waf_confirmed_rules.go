package constructs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ConfirmedRules are rules of a managed group with patterns that confirm their match.
type ConfirmedRules struct {
	// Group is the managed group. Required.
	Group ManagedRuleGroup
	// Rules are the group's rules, by AWS's names. Required.
	Rules []string
	// BodyPatterns are up to 10 regular expressions of up to 196 bytes each, one of
	// which the body must match as well. Case is ignored, and the escapes of JSON are
	// decoded. Required.
	// https://docs.aws.amazon.com/waf/latest/developerguide/waf-regex-pattern-support.html
	BodyPatterns []string
}

// set returns the name of the regex pattern set of the i-th confirmed rules.
func (c ConfirmedRules) set(i int) string { return fmt.Sprintf("Confirmed%d", i+1) }

// createSets makes the IP sets and regex pattern sets of the rules and returns their ARNs
// by name.
func (r WebACLRules) createSets(scope constructs.Construct, name string, kind webACLScope) func(set string) string {
	arns := r.Addresses.createIPSets(scope, name, kind)
	for i, confirmed := range r.ConfirmedManagedRules {
		set := confirmed.set(i)
		var patterns []*string
		for _, pattern := range confirmed.BodyPatterns {
			patterns = append(patterns, jsii.String(anyCase+pattern))
		}
		arns[set] = *awswafv2.NewCfnRegexPatternSet(scope, jsii.String(set), &awswafv2.CfnRegexPatternSetProps{
			Name: jsii.String(name + "-" + set), Scope: jsii.String(kind.name), RegularExpressionList: &patterns,
		}).AttrArn()
	}
	return func(set string) string { return arns[set] }
}

// anyCase makes a regular expression ignore case.
const anyCase = "(?i)"

// checkConfirmed records rules that the group lacks or that inspect no body, and
// patterns that AWS WAF refuses.
func (r WebACLRules) checkConfirmed(prop string, p *problems) {
	for i, confirmed := range r.ConfirmedManagedRules {
		at := fmt.Sprintf("%s.ConfirmedManagedRules[%d]", prop, i)
		j := slices.IndexFunc(managedGroups, func(g managedGroup) bool { return g.group == confirmed.Group })
		p.require(j >= 0, at+".Group", "%q is not one of the ManagedRuleGroup constants", confirmed.Group)
		p.require(len(confirmed.Rules) > 0, at+".Rules", "are missing; name the rules that need a confirmation")
		for _, rule := range confirmed.Rules {
			known := j >= 0 && managedGroups[j].labels[rule] != "" && strings.HasSuffix(rule, "_BODY")
			p.require(j < 0 || known, at+".Rules", "%q is no rule of the group about bodies", rule)
		}
		p.require(len(confirmed.BodyPatterns) > 0 && len(confirmed.BodyPatterns) <= maxRegexes, at+".BodyPatterns",
			"has %d patterns; use 1 to %d", len(confirmed.BodyPatterns), maxRegexes)
		for _, pattern := range confirmed.BodyPatterns {
			_, err := regexp.Compile(pattern)
			p.require(err == nil && pattern != "" && len(anyCase+pattern) <= maxRegexBytes, at+".BodyPatterns",
				"%q is no regular expression of 1 to %d bytes: %v", pattern, maxRegexBytes-len(anyCase), err)
		}
	}
}
