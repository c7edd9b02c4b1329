package constructs

import (
	"maps"
	"slices"
)

// ManagedRuleGroup is a group of rules that AWS maintains.
type ManagedRuleGroup string

// The groups every web ACL of this package has.
const (
	// CommonRules finds common attacks on web applications, such as cross-site
	// scripting, file inclusion, and requests for EC2 metadata.
	// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
	CommonRules ManagedRuleGroup = "AWSManagedRulesCommonRuleSet"
	// KnownBadInputs finds exploits of known weaknesses, such as Log4j's.
	// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
	KnownBadInputs ManagedRuleGroup = "AWSManagedRulesKnownBadInputsRuleSet"
	// SQLInjection finds SQL in requests.
	// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-use-case.html
	SQLInjection ManagedRuleGroup = "AWSManagedRulesSQLiRuleSet"
	// AmazonIPReputation finds addresses that Amazon has seen attack others.
	// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-ip-rep.html
	AmazonIPReputation ManagedRuleGroup = "AWSManagedRulesAmazonIpReputationList"
	// AnonymousIP finds addresses of Tor, proxies, VPNs and hosting providers.
	// Users may use VPNs too, so count first and then decide.
	// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-ip-rep.html
	AnonymousIP ManagedRuleGroup = "AWSManagedRulesAnonymousIpList"
)

// managedGroup holds what AWS documents about a group, on the page in the comment
// of the group's constant.
type managedGroup struct {
	group         ManagedRuleGroup
	wcu           int
	namespace     string            // of the group's labels
	labels        map[string]string // the label of each rule, in the namespace
	alwaysCounted []string          // rules that only count in every web ACL
}

// managedGroups are the groups in the order in which they run, the cheapest first.
var managedGroups = []managedGroup{
	{
		group: AmazonIPReputation, wcu: 25, namespace: "awswaf:managed:aws:amazon-ip-list:",
		labels: identityLabels("AWSManagedIPReputationList", "AWSManagedReconnaissanceList", "AWSManagedIPDDoSList"),
		// AWS's own setting for this rule is Count. An address in a flood may be a
		// mobile carrier's, which thousands of phones share.
		alwaysCounted: []string{"AWSManagedIPDDoSList"},
	},
	{
		group: AnonymousIP, wcu: 50, namespace: "awswaf:managed:aws:anonymous-ip-list:",
		labels: identityLabels("AnonymousIPList", "HostingProviderIPList"),
	},
	{
		group: KnownBadInputs, wcu: 200, namespace: "awswaf:managed:aws:known-bad-inputs:",
		labels: map[string]string{
			"JavaDeserializationRCE_HEADER":      "JavaDeserializationRCE_Header",
			"JavaDeserializationRCE_BODY":        "JavaDeserializationRCE_Body",
			"JavaDeserializationRCE_URIPATH":     "JavaDeserializationRCE_URIPath",
			"JavaDeserializationRCE_QUERYSTRING": "JavaDeserializationRCE_QueryString",
			"Host_localhost_HEADER":              "Host_Localhost_Header",
			"PROPFIND_METHOD":                    "Propfind_Method",
			"ExploitablePaths_URIPATH":           "ExploitablePaths_URIPath",
			"Log4JRCE_HEADER":                    "Log4JRCE_Header",
			"Log4JRCE_QUERYSTRING":               "Log4JRCE_QueryString",
			"Log4JRCE_BODY":                      "Log4JRCE_Body",
			"Log4JRCE_URIPATH":                   "Log4JRCE_URIPath",
		},
	},
	{
		group: SQLInjection, wcu: 200, namespace: "awswaf:managed:aws:sql-database:",
		labels: map[string]string{
			"SQLi_QUERYARGUMENTS":                 "SQLi_QueryArguments",
			"SQLiExtendedPatterns_QUERYARGUMENTS": "SQLiExtendedPatterns_QueryArguments",
			"SQLi_BODY":                           "SQLi_Body",
			"SQLiExtendedPatterns_BODY":           "SQLiExtendedPatterns_Body",
			"SQLi_COOKIE":                         "SQLi_Cookie",
		},
	},
	{
		group: CommonRules, wcu: 700, namespace: "awswaf:managed:aws:core-rule-set:",
		labels: map[string]string{
			"NoUserAgent_HEADER":                  "NoUserAgent_Header",
			"UserAgent_BadBots_HEADER":            "BadBots_Header",
			"SizeRestrictions_QUERYSTRING":        "SizeRestrictions_QueryString",
			"SizeRestrictions_Cookie_HEADER":      "SizeRestrictions_Cookie_Header",
			"SizeRestrictions_BODY":               "SizeRestrictions_Body",
			"SizeRestrictions_URIPATH":            "SizeRestrictions_URIPath",
			"EC2MetaDataSSRF_BODY":                "EC2MetaDataSSRF_Body",
			"EC2MetaDataSSRF_COOKIE":              "EC2MetaDataSSRF_Cookie",
			"EC2MetaDataSSRF_URIPATH":             "EC2MetaDataSSRF_URIPath",
			"EC2MetaDataSSRF_QUERYARGUMENTS":      "EC2MetaDataSSRF_QueryArguments",
			"GenericLFI_QUERYARGUMENTS":           "GenericLFI_QueryArguments",
			"GenericLFI_URIPATH":                  "GenericLFI_URIPath",
			"GenericLFI_BODY":                     "GenericLFI_Body",
			"RestrictedExtensions_URIPATH":        "RestrictedExtensions_URIPath",
			"RestrictedExtensions_QUERYARGUMENTS": "RestrictedExtensions_QueryArguments",
			"GenericRFI_QUERYARGUMENTS":           "GenericRFI_QueryArguments",
			"GenericRFI_BODY":                     "GenericRFI_Body",
			"GenericRFI_URIPATH":                  "GenericRFI_URIPath",
			"CrossSiteScripting_COOKIE":           "CrossSiteScripting_Cookie",
			"CrossSiteScripting_QUERYARGUMENTS":   "CrossSiteScripting_QueryArguments",
			"CrossSiteScripting_BODY":             "CrossSiteScripting_Body",
			"CrossSiteScripting_URIPATH":          "CrossSiteScripting_URIPath",
		},
		// The rule's limit is 8 KB on every path. The body rules of this package
		// limit each path separately.
		alwaysCounted: []string{"SizeRestrictions_BODY"},
	},
}

// ruleLabels matches requests that one of the rules labelled.
func (g managedGroup) ruleLabels(rules []string) wafStatement {
	var labels []wafStatement
	for _, rule := range rules {
		labels = append(labels, labelMatch(g.namespace+g.labels[rule]))
	}
	return anyOf(labels...)
}

func identityLabels(rules ...string) map[string]string {
	labels := map[string]string{}
	for _, rule := range rules {
		labels[rule] = rule
	}
	return labels
}

// statement returns the statement that runs the group. A rule that only counts lets
// the group continue. Any other match ends the group.
func (g managedGroup) statement(counted []string) wafStatement {
	var overrides []any
	for _, rule := range counted {
		overrides = append(overrides, map[string]any{
			"name": rule, "actionToUse": map[string]any{"count": map[string]any{}},
		})
	}
	group := map[string]any{"vendorName": "AWS", "name": string(g.group)}
	if overrides != nil {
		group["ruleActionOverrides"] = overrides
	}
	return wafStatement{content: map[string]any{"managedRuleGroupStatement": group}, wcu: g.wcu}
}

// labelStatement matches requests that the group labelled, except by rules that
// only count. It matches the label of each known rule that does not count. It also
// matches any label in the group's namespace if no counting rule matched. So rules
// that AWS adds later take effect, unless a counting rule matched too.
func (g managedGroup) labelStatement(counted []string) wafStatement {
	if len(counted) == 0 {
		return labelMatch(g.namespace)
	}
	var counting, known []wafStatement
	for _, rule := range slices.Sorted(maps.Keys(g.labels)) {
		label := labelMatch(g.namespace + g.labels[rule])
		if slices.Contains(counted, rule) {
			counting = append(counting, label)
		} else {
			known = append(known, label)
		}
	}
	return allOf(labelMatch(g.namespace), anyOf(append(known, notStatement(anyOf(counting...)))...))
}
