package crs

import "strings"

// group is a managed group with the labels of its rules.
type group struct {
	name      string
	namespace string
	labels    map[string]string // by rule
}

// groups are the groups whose rules this package stands for.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
var groups = []group{
	{"AWSManagedRulesKnownBadInputsRuleSet", "awswaf:managed:aws:known-bad-inputs:", labels(
		"JavaDeserializationRCE_HEADER", "JavaDeserializationRCE_BODY", "JavaDeserializationRCE_URIPATH", "JavaDeserializationRCE_QUERYSTRING",
		"PROPFIND_METHOD", "ExploitablePaths_URIPATH",
		"Log4JRCE_HEADER", "Log4JRCE_QUERYSTRING", "Log4JRCE_BODY", "Log4JRCE_URIPATH",
	)},
	{"AWSManagedRulesSQLiRuleSet", "awswaf:managed:aws:sql-database:", labels(
		"SQLi_QUERYARGUMENTS", "SQLiExtendedPatterns_QUERYARGUMENTS", "SQLi_BODY", "SQLiExtendedPatterns_BODY", "SQLi_COOKIE",
	)},
	{"AWSManagedRulesCommonRuleSet", "awswaf:managed:aws:core-rule-set:", labels(
		"NoUserAgent_HEADER", "UserAgent_BadBots_HEADER",
		"SizeRestrictions_QUERYSTRING", "SizeRestrictions_Cookie_HEADER", "SizeRestrictions_BODY", "SizeRestrictions_URIPATH",
		"EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_COOKIE", "EC2MetaDataSSRF_URIPATH", "EC2MetaDataSSRF_QUERYARGUMENTS",
		"GenericLFI_QUERYARGUMENTS", "GenericLFI_URIPATH", "GenericLFI_BODY",
		"GenericRFI_QUERYARGUMENTS", "GenericRFI_BODY", "GenericRFI_URIPATH",
		"CrossSiteScripting_COOKIE", "CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_BODY", "CrossSiteScripting_URIPATH",
	)},
}

// places are the endings of rules' names as their labels spell them.
var places = strings.NewReplacer("_QUERYARGUMENTS", "_QueryArguments", "_QUERYSTRING", "_QueryString", "_URIPATH", "_URIPath",
	"_HEADER", "_Header", "_BODY", "_Body", "_COOKIE", "_Cookie",
	"PROPFIND_METHOD", "Propfind_Method", "UserAgent_BadBots", "BadBots")

func labels(rules ...string) map[string]string {
	all := map[string]string{}
	for _, rule := range rules {
		all[rule] = places.Replace(rule)
	}
	return all
}
