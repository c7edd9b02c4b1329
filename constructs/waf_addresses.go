package constructs

import (
	"fmt"
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// AddressLists decide by the client's IP address alone, before every other rule.
// Each entry is a range in CIDR notation, such as "198.51.100.0/24" or
// "2001:db8::/32".
type AddressLists struct {
	// Block are the addresses that may not call. Block overrides Trust and Only.
	// Default: none.
	Block []string
	// Trust are the addresses that no other rule applies to, such as a monitoring
	// service or a penetration test. Default: none.
	Trust []string
	// Only are the only addresses that may call. The other rules apply to them too.
	// Default: none, every address may call.
	Only []string
}

// addressList is a list with what happens to requests from its addresses.
type addressList struct {
	name   string
	ranges []string
	negate bool // the rule matches addresses outside the list
	trust  bool // the rule lets requests pass, instead of refusing them
}

func (a AddressLists) lists() []addressList {
	var used []addressList
	for _, list := range []addressList{
		{name: "Blocked", ranges: a.Block},
		{name: "Trusted", ranges: a.Trust, trust: true},
		{name: "Only", ranges: a.Only, negate: true},
	} {
		if len(list.ranges) > 0 {
			used = append(used, list)
		}
	}
	return used
}

// rules returns a rule for each list, given the ARN of each IP set by name.
func (a AddressLists) rules(arnOf func(set string) string) []wafRule {
	var rules []wafRule
	for _, list := range a.lists() {
		var sets []wafStatement
		for _, family := range ipFamilies(list.ranges) {
			sets = append(sets, wafStatement{
				content: map[string]any{"ipSetReferenceStatement": map[string]any{"arn": arnOf(list.name + family.version)}},
				wcu:     wcuOfIPSet,
			})
		}
		statement := anyOf(sets...)
		if list.negate {
			statement = notStatement(statement)
		}
		rule := wafRule{name: "Addresses" + list.name, statement: statement, verdict: &verdict{}}
		if list.trust {
			rule.verdict, rule.action = nil, map[string]any{"allow": map[string]any{}}
			if len(a.Block) > 0 { // the answer to a blocked address may be a later rule's
				rule.statement = allOf(statement, notStatement(labelMatch(verdict{}.label())))
			}
		}
		rules = append(rules, rule)
	}
	return rules
}

// createIPSets makes the IP sets of the lists and returns their ARNs by name.
func (a AddressLists) createIPSets(scope constructs.Construct, name string, kind webACLScope) map[string]string {
	arns := map[string]string{}
	for _, list := range a.lists() {
		for _, family := range ipFamilies(list.ranges) {
			set := list.name + family.version
			arns[set] = *awswafv2.NewCfnIPSet(scope, jsii.String("Addresses"+set), &awswafv2.CfnIPSetProps{
				Name:             jsii.String(name + "-" + set),
				Scope:            jsii.String(kind.name),
				IpAddressVersion: jsii.String(family.version),
				Addresses:        jsii.Strings(family.ranges...),
			}).AttrArn()
		}
	}
	return arns
}

// addressFamily holds the ranges of one IP version, because an IP set holds one
// version only.
type addressFamily struct {
	version string
	ranges  []string
}

func ipFamilies(ranges []string) []addressFamily {
	byVersion := map[string][]string{}
	for _, text := range ranges {
		version := "IPV6"
		if prefix, err := netip.ParsePrefix(text); err == nil && prefix.Addr().Is4() {
			version = "IPV4"
		}
		byVersion[version] = append(byVersion[version], text)
	}
	var found []addressFamily
	for _, version := range []string{"IPV4", "IPV6"} {
		if len(byVersion[version]) > 0 {
			found = append(found, addressFamily{version, byVersion[version]})
		}
	}
	return found
}

func (a AddressLists) check(prop string, p *problems) {
	for name, ranges := range map[string][]string{"Block": a.Block, "Trust": a.Trust, "Only": a.Only} {
		at := prop + "." + name
		p.requireWithin(addressesOfIPSet, at, len(ranges), "join neighbours into one range")
		seen := map[string]bool{}
		for i, text := range ranges {
			at := fmt.Sprintf("%s[%d]", at, i)
			prefix, err := netip.ParsePrefix(text)
			p.require(err == nil && prefix.Masked() == prefix && prefix.Bits() > 0, at,
				"is %q; write a range in CIDR notation that begins with its first address, such as 198.51.100.0/24 or 2001:db8::/32; AWS WAF refuses /0", text)
			p.require(!seen[text], at, "%q is listed twice", text)
			seen[text] = true
		}
	}
}
