package constructs_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

// aRequest is a request as AWS WAF sees it.
type aRequest struct {
	path      string // decoded
	country   string
	bodyBytes int
	flood     bool     // its address is faster than every limit
	labels    []string // that managed groups give it

	proof, forwarded, forwardedCountry string // of a forwarder
}

// answerOf runs the web ACL's rules of a template over a request, by the rules
// that AWS documents, and returns the status of the answer; 0 if it passes.
// https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-processing.html
func answerOf(t *testing.T, acl map[string]any, r aRequest) int {
	t.Helper()
	rules := at(acl, "Properties", "Rules").([]any)
	for i, rule := range rules {
		if at(rule, "Priority") != float64(i) {
			t.Fatalf("rule %d has priority %v", i, at(rule, "Priority"))
		}
		if at(rule, "Statement", "ManagedRuleGroupStatement") != nil {
			if at(rule, "OverrideAction", "Count") == nil {
				t.Fatalf("the group %v answers by itself", at(rule, "Name"))
			}
			continue // its labels are on the request
		}
		block := at(rule, "Action", "Block")
		if block == nil || !isMatch(t, at(rule, "Statement"), r) {
			continue
		}
		status, _ := at(block, "CustomResponse", "ResponseCode").(float64)
		return int(status)
	}
	return 0
}

func isMatch(t *testing.T, statement any, r aRequest) bool {
	t.Helper()
	for kind, content := range statement.(map[string]any) {
		switch kind {
		case "AndStatement":
			return !slices.ContainsFunc(at(content, "Statements").([]any), func(s any) bool { return !isMatch(t, s, r) })
		case "OrStatement":
			return slices.ContainsFunc(at(content, "Statements").([]any), func(s any) bool { return isMatch(t, s, r) })
		case "NotStatement":
			return !isMatch(t, at(content, "Statement"), r)
		case "ByteMatchStatement":
			if at(content, "FieldToMatch", "SingleHeader", "Name") == "x-forwarder-secret" {
				return r.proof == at(content, "SearchString").(string)
			}
			return strings.HasPrefix(r.path, at(content, "SearchString").(string))
		case "RegexMatchStatement":
			return regexp.MustCompile(at(content, "RegexString").(string)).MatchString(r.path)
		case "SizeConstraintStatement":
			if at(content, "FieldToMatch", "SingleHeader", "Name") == "x-forwarder-client-ip" {
				return float64(len(r.forwarded)) > at(content, "Size").(float64)
			}
			return float64(r.bodyBytes) > at(content, "Size").(float64)
		case "GeoMatchStatement":
			country := r.country
			if at(content, "ForwardedIPConfig") != nil {
				country = r.forwardedCountry
			}
			return slices.Contains(at(content, "CountryCodes").([]any), any(country))
		case "RateBasedStatement":
			scope := at(content, "ScopeDownStatement")
			return r.flood && (scope == nil || isMatch(t, scope, r))
		case "LabelMatchStatement":
			key := at(content, "Key").(string)
			return slices.ContainsFunc(r.labels, func(label string) bool {
				return label == key || at(content, "Scope") == "NAMESPACE" && strings.HasPrefix(label, key)
			})
		}
	}
	t.Fatalf("unknown statement %v", statement)
	return false
}

func webACL(t *testing.T, rules constructs.WebACLRules) map[string]any {
	t.Helper()
	return only(t, build(func(stack awscdk.Stack) {
		constructs.NewRegionalWebACL(stack, "Acl", &constructs.RegionalWebACLProps{Name: "shop", Rules: rules})
	}), "AWS::WAFv2::WebACL")
}

const (
	core = "awswaf:managed:aws:core-rule-set:"
	ips  = "awswaf:managed:aws:amazon-ip-list:"
)

func TestWebACLRules_Requests_GetExpectedAction(t *testing.T) {
	trial := constructs.WebACLRules{
		PerAddress:     constructs.RateLimit{Action: constructs.RuleCount},
		GeoRestriction: constructs.GeoRestriction{BlockedCountries: []string{"KP"}, Action: constructs.RuleCount},
		BodyAction:     constructs.RuleCount,
		PerPath:        []constructs.PathRate{{PathPrefix: "/auth/", Requests: 20, Action: constructs.RuleCount}},
		ManagedGroups: map[constructs.ManagedRuleGroup]constructs.RuleAction{
			constructs.AnonymousIP: constructs.RuleCount,
		},
		CountedManagedRules: map[constructs.ManagedRuleGroup][]string{constructs.CommonRules: {"GenericRFI_BODY"}},
	}
	strict := constructs.WebACLRules{
		GeoRestriction: constructs.GeoRestriction{AllowedCountries: []string{"GB", "IE"}},
		PerPath:        []constructs.PathRate{{PathPrefix: "/auth/", Requests: 20, Window: time.Minute}},
		MaxBodyBytes:   8192,
		BodyLimits: []constructs.BodyLimit{
			{PathPrefix: "/import/pictures", AnyLength: true},
			{PathPrefix: "/import", MaxBytes: 65536},
			{PathPrefix: "/import/names", MaxBytes: 1024},
		},
	}
	acls := map[string]map[string]any{
		"default": webACL(t, constructs.WebACLRules{}), "trial": webACL(t, trial), "strict": webACL(t, strict),
	}
	for _, c := range []struct {
		acl, what string
		request   aRequest
		want      int
	}{
		{"default", "an ordinary request", aRequest{path: "/goals", country: "KP", bodyBytes: 16384}, 0},
		{"default", "a body over 16 KB", aRequest{path: "/goals", bodyBytes: 16385}, 400},
		{"default", "too many requests", aRequest{path: "/goals", flood: true}, 429},
		{"default", "cross-site scripting", aRequest{labels: []string{core + "CrossSiteScripting_Body"}}, 400},
		{"default", "cross-site scripting in a body over 8 KB", aRequest{labels: []string{core + "SizeRestrictions_Body", core + "CrossSiteScripting_Body"}}, 400},
		{"default", "a body between 8 and 16 KB", aRequest{bodyBytes: 10000, labels: []string{core + "SizeRestrictions_Body"}}, 0},
		{"default", "a rule that AWS adds later", aRequest{labels: []string{core + "New_Body"}}, 400},
		{"default", "SQL", aRequest{labels: []string{"awswaf:managed:aws:sql-database:SQLi_Body"}}, 400},
		{"default", "a known exploit", aRequest{labels: []string{"awswaf:managed:aws:known-bad-inputs:Log4JRCE_Header"}}, 400},
		{"default", "Tor", aRequest{labels: []string{"awswaf:managed:aws:anonymous-ip-list:AnonymousIPList"}}, 400},
		{"default", "a known attacker", aRequest{labels: []string{ips + "AWSManagedIPReputationList"}}, 400},
		{"default", "a member of a flood", aRequest{labels: []string{ips + "AWSManagedIPDDoSList"}}, 0},
		{"default", "a known attacker in a flood", aRequest{labels: []string{ips + "AWSManagedIPDDoSList", ips + "AWSManagedReconnaissanceList"}}, 400},

		{"trial", "all that is on trial", aRequest{path: "/auth/login", country: "KP", bodyBytes: 20000, flood: true,
			labels: []string{"awswaf:managed:aws:anonymous-ip-list:AnonymousIPList", core + "GenericRFI_Body"}}, 0},
		{"trial", "what is not on trial", aRequest{labels: []string{core + "GenericRFI_Body", core + "GenericLFI_Body"}}, 400},

		{"strict", "a country that may call", aRequest{path: "/goals", country: "IE"}, 0},
		{"strict", "a country that may not", aRequest{path: "/goals", country: "FR"}, 400},
		{"strict", "a body over the default", aRequest{path: "/goals", country: "GB", bodyBytes: 8193}, 400},
		{"strict", "a body within its path's limit", aRequest{path: "/import/csv", country: "GB", bodyBytes: 65536}, 0},
		{"strict", "a body over its path's limit", aRequest{path: "/import/csv", country: "GB", bodyBytes: 65537}, 400},
		{"strict", "a body over a narrower path's limit", aRequest{path: "/import/names", country: "GB", bodyBytes: 1025}, 400},
		{"strict", "a body where any length may pass", aRequest{path: "/import/pictures/1", country: "GB", bodyBytes: 5 << 20}, 0},
	} {
		t.Run(c.acl+": "+c.what, func(t *testing.T) {
			if got := answerOf(t, acls[c.acl], c.request); got != c.want {
				t.Errorf("the answer is %d, want %d", got, c.want)
			}
		})
	}
}

func TestWebACLRules_BlockingRules_HaveCustomResponses(t *testing.T) {
	acl := webACL(t, constructs.WebACLRules{
		PerPath:   []constructs.PathRate{{PathPrefix: "/auth/", Requests: 20, Window: time.Minute}},
		Responses: constructs.BlockResponses{TooManyRequests: `{"message":"slower"}`, Refused: `{"message":"no"}`},
	})
	equal(t, "bodies", at(acl, "Properties", "CustomResponseBodies"), `{
		"too-many-requests": {"ContentType": "APPLICATION_JSON", "Content": "{\"message\":\"slower\"}"},
		"refused": {"ContentType": "APPLICATION_JSON", "Content": "{\"message\":\"no\"}"}}`)
	blocking := 0
	for _, rule := range at(acl, "Properties", "Rules").([]any) {
		block := at(rule, "Action", "Block")
		if block == nil {
			continue
		}
		blocking++
		want := `{"ResponseCode": 400, "CustomResponseBodyKey": "refused"}`
		if at(rule, "Statement", "RateBasedStatement") != nil {
			window := at(rule, "Statement", "RateBasedStatement", "EvaluationWindowSec")
			want = fmt.Sprintf(`{"ResponseCode": 429, "CustomResponseBodyKey": "too-many-requests",
				"ResponseHeaders": [{"Name": "Retry-After", "Value": "%v"}]}`, window)
		}
		equal(t, fmt.Sprint(at(rule, "Name")), at(block, "CustomResponse"), want)
	}
	if blocking != 8 { // per address, per path, bodies, five groups
		t.Errorf("%d rules block, want 8", blocking)
	}
}

func TestWebACLRules_CountedManagedRule_LetsGroupContinue(t *testing.T) {
	acl := webACL(t, constructs.WebACLRules{CountedManagedRules: map[constructs.ManagedRuleGroup][]string{
		constructs.CommonRules: {"GenericRFI_BODY", "SizeRestrictions_BODY", "GenericRFI_BODY"},
	}})
	got := map[string][]any{}
	for _, rule := range at(acl, "Properties", "Rules").([]any) {
		group := at(rule, "Statement", "ManagedRuleGroupStatement")
		if overrides, ok := at(group, "RuleActionOverrides").([]any); ok {
			for _, o := range overrides {
				equal(t, "override", at(o, "ActionToUse"), `{"Count": {}}`)
				got[at(group, "Name").(string)] = append(got[at(group, "Name").(string)], at(o, "Name"))
			}
		}
	}
	if want := "map[AWSManagedRulesAmazonIpReputationList:[AWSManagedIPDDoSList] AWSManagedRulesCommonRuleSet:[SizeRestrictions_BODY GenericRFI_BODY]]"; fmt.Sprint(got) != want {
		t.Errorf("the counting rules are %v, want %v", got, want)
	}
}

func TestPathUnder_EncodedPaths_Match(t *testing.T) {
	acl := webACL(t, constructs.WebACLRules{PerPath: []constructs.PathRate{{PathPrefix: "/auth/", Requests: 20}}})
	rate := at(acl, "Properties", "Rules", 1, "Statement", "RateBasedStatement")
	equal(t, "limit", at(rate, "Limit"), `20`)
	equal(t, "window", at(rate, "EvaluationWindowSec"), `300`)
	equal(t, "key", at(rate, "AggregateKeyType"), `"IP"`)
	equal(t, "path", at(rate, "ScopeDownStatement", "ByteMatchStatement"), `{
		"FieldToMatch": {"UriPath": {}}, "PositionalConstraint": "STARTS_WITH", "SearchString": "/auth/",
		"TextTransformations": [{"Priority": 0, "Type": "URL_DECODE"}, {"Priority": 1, "Type": "NORMALIZE_PATH"}]}`)
}

func TestWebACLRules_OversizeBody_IsOverLimit(t *testing.T) {
	acl := webACL(t, constructs.WebACLRules{})
	equal(t, "size", at(acl, "Properties", "Rules", 1, "Statement", "SizeConstraintStatement"), `{
		"FieldToMatch": {"Body": {"OversizeHandling": "MATCH"}}, "ComparisonOperator": "GT", "Size": 16384,
		"TextTransformations": [{"Priority": 0, "Type": "NONE"}]}`)
}

func TestWebACLRules_BodyLimits_SetInspectionLimit(t *testing.T) {
	for name, c := range map[string]struct {
		rules constructs.WebACLRules
		want  string
	}{
		"default":    {constructs.WebACLRules{}, "KB_16"},
		"a byte":     {constructs.WebACLRules{MaxBodyBytes: 16385}, "KB_32"},
		"on a path":  {constructs.WebACLRules{BodyLimits: []constructs.BodyLimit{{PathPrefix: "/a", MaxBytes: 40000}}}, "KB_48"},
		"any length": {constructs.WebACLRules{BodyLimits: []constructs.BodyLimit{{PathPrefix: "/a", AnyLength: true}}}, "KB_64"},
	} {
		got := at(webACL(t, c.rules), "Properties", "AssociationConfig", "RequestBody", "API_GATEWAY", "DefaultSizeInspectionLimit")
		if got != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

// The numbers are AWS's: 1175 for the five groups, and those of
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-match.html
func TestWCU_SumsAllStatements(t *testing.T) {
	capacity := func(rules constructs.WebACLRules) int {
		return constructs.NewRegionalWebACL(newStack(), "Acl", &constructs.RegionalWebACLProps{Name: "a", Rules: rules}).WCU()
	}
	// 2 for the rate, 1 for the size, 4 labels of the reputation list, 1 of each
	// of three groups, 23 of the common rules.
	byDefault := 1175 + 2 + 1 + 4 + 3 + 23
	for name, c := range map[string]struct {
		rules constructs.WebACLRules
		want  int
	}{
		"default":    {constructs.WebACLRules{}, byDefault},
		"countries":  {constructs.WebACLRules{GeoRestriction: constructs.GeoRestriction{BlockedCountries: []string{"KP", "RU"}}}, byDefault + 1},
		"a path":     {constructs.WebACLRules{PerPath: []constructs.PathRate{{PathPrefix: "/a", Requests: 10}}}, byDefault + 2 + 22},
		"a body":     {constructs.WebACLRules{BodyLimits: []constructs.BodyLimit{{PathPrefix: "/a", MaxBytes: 1}}}, byDefault + 22 + 1 + 22},
		"any length": {constructs.WebACLRules{BodyLimits: []constructs.BodyLimit{{PathPrefix: "/a", AnyLength: true}}}, byDefault + 22},
		"two of any length": {constructs.WebACLRules{BodyLimits: []constructs.BodyLimit{
			{PathPrefix: "/a", AnyLength: true}, {PathPrefix: "/b", AnyLength: true}}}, byDefault + 23},
		"a group that counts": {constructs.WebACLRules{ManagedGroups: map[constructs.ManagedRuleGroup]constructs.RuleAction{
			constructs.AnonymousIP: constructs.RuleCount}}, byDefault - 1},
		"a confirmed rule": {constructs.WebACLRules{ConfirmedManagedRules: []constructs.ConfirmedRules{{
			Group: constructs.SQLInjection, Rules: []string{"SQLi_BODY"}, BodyPatterns: []string{"x"}}}}, byDefault + 5 + 1 + 35},
		"responses of a path": {constructs.WebACLRules{Responses: constructs.BlockResponses{PerPath: []constructs.PathResponses{
			{PathPrefix: "/a", TooManyRequests: "{}", Refused: "{}"}}}}, byDefault + 2*(1+2) + 2*1},
		"a path with another": {constructs.WebACLRules{PerPath: []constructs.PathRate{
			{PathPrefix: "/a", AlsoUnder: []string{"/b"}, Requests: 10}}}, byDefault + 2 + 23},
		// Twice 2 for the proof and 1 for the address, and 2 for the second rate.
		"a forwarder": {constructs.WebACLRules{Forwarder: constructs.Forwarder{SecretName: "shop/forwarder"}}, byDefault + 3 + 3 + 2},
		"a body within another": {constructs.WebACLRules{BodyLimits: []constructs.BodyLimit{
			{PathPrefix: "/a", MaxBytes: 2}, {PathPrefix: "/a/b", MaxBytes: 1}}}, byDefault + 22 + 1 + 44 + 1 + 22},
	} {
		if got := capacity(c.rules); got != c.want {
			t.Errorf("%s: %d units, want %d", name, got, c.want)
		}
	}
}

func TestWebACLRules_SeparatePath_HasOnlyItsOwnRate(t *testing.T) {
	acl := webACL(t, constructs.WebACLRules{PerPath: []constructs.PathRate{
		{PathPrefix: "/auth/", Requests: 20},
		{PathPrefix: "/auth/refresh", Requests: 50, Separate: true},
		{PathPrefix: "/transactions/", Requests: 30},
	}})
	for path, want := range map[string]string{
		"/auth/login":       "RatePerAddress Rate1Auth",
		"/auth/refresh":     "Rate2AuthRefresh",
		"/transactions/all": "RatePerAddress Rate3Transactions",
		"/profile":          "RatePerAddress",
	} {
		var matched []string
		for _, rule := range at(acl, "Properties", "Rules").([]any) {
			rate := at(rule, "Statement", "RateBasedStatement")
			if rate != nil && isMatch(t, at(rule, "Statement"), aRequest{path: path, flood: true}) {
				matched = append(matched, at(rule, "Name").(string))
			}
		}
		if got := strings.Join(matched, " "); got != want {
			t.Errorf("%s counts in %s, want %s", path, got, want)
		}
	}
}

const forwarderProof = "{{resolve:secretsmanager:shop/forwarder:SecretString:FORWARDER_SECRET::}}"

func TestForwarder_ForwardedRequests_CountForNamedAddressOnly(t *testing.T) {
	acl := webACL(t, constructs.WebACLRules{
		PerPath: []constructs.PathRate{{PathPrefix: "/auth/", AlsoUnder: []string{"/ai/"}, Requests: 20}},
		Forwarder: constructs.Forwarder{
			SecretName: "shop/forwarder",
			PerPath:    []constructs.PathRate{{PathPrefix: "/auth/", Requests: 20}, {PathPrefix: "/auth/refresh", Requests: 50, Separate: true}},
		},
	})
	for name, c := range map[string]struct {
		request aRequest
		want    string
	}{
		"a client":                   {aRequest{path: "/auth/login"}, "RatePerAddress Rate1Auth"},
		"a client elsewhere":         {aRequest{path: "/ai/insight"}, "RatePerAddress Rate1Auth"},
		"forwarded":                  {aRequest{path: "/auth/login", proof: forwarderProof, forwarded: "203.0.113.1"}, "ForwardedRatePerAddress ForwardedRate1Auth"},
		"a forwarded renewal":        {aRequest{path: "/auth/refresh", proof: forwarderProof, forwarded: "203.0.113.1"}, "ForwardedRate2AuthRefresh"},
		"a wrong proof":              {aRequest{path: "/auth/login", proof: "guess", forwarded: "203.0.113.1"}, "RatePerAddress Rate1Auth"},
		"no proof":                   {aRequest{path: "/auth/login", forwarded: "203.0.113.1"}, "RatePerAddress Rate1Auth"},
		"a proof without an address": {aRequest{path: "/auth/login", proof: forwarderProof}, "RatePerAddress Rate1Auth"},
	} {
		var matched []string
		for _, rule := range at(acl, "Properties", "Rules").([]any) {
			rate := at(rule, "Statement", "RateBasedStatement")
			c.request.flood = true
			if rate == nil || !isMatch(t, at(rule, "Statement"), c.request) {
				continue
			}
			matched = append(matched, at(rule, "Name").(string))
			wantKey, wantAddress := `"IP"`, `null`
			if strings.HasPrefix(c.want, "Forwarded") {
				wantKey, wantAddress = `"FORWARDED_IP"`, `{"HeaderName": "x-forwarder-client-ip", "FallbackBehavior": "NO_MATCH"}`
			}
			equal(t, name+": key", at(rate, "AggregateKeyType"), wantKey)
			equal(t, name+": address", at(rate, "ForwardedIPConfig"), wantAddress)
		}
		if got := strings.Join(matched, " "); got != c.want {
			t.Errorf("%s counts in %s, want %s", name, got, c.want)
		}
	}
}

func TestForwarder_Countries_AreThoseOfNamedAddress(t *testing.T) {
	forwarder := constructs.Forwarder{SecretName: "shop/forwarder"}
	allowed := webACL(t, constructs.WebACLRules{Forwarder: forwarder, GeoRestriction: constructs.GeoRestriction{AllowedCountries: []string{"GB"}}})
	blocked := webACL(t, constructs.WebACLRules{Forwarder: forwarder, GeoRestriction: constructs.GeoRestriction{BlockedCountries: []string{"KP"}}})
	for name, c := range map[string]struct {
		acl     map[string]any
		request aRequest
		want    int
	}{
		"a client here":                        {allowed, aRequest{country: "GB"}, 0},
		"a client elsewhere":                   {allowed, aRequest{country: "FR"}, 400},
		"forwarded from here":                  {allowed, aRequest{country: "US", proof: forwarderProof, forwarded: "a", forwardedCountry: "GB"}, 0},
		"forwarded from elsewhere":             {allowed, aRequest{country: "GB", proof: forwarderProof, forwarded: "a", forwardedCountry: "FR"}, 400},
		"a client that names an address":       {allowed, aRequest{country: "FR", forwarded: "a", forwardedCountry: "GB"}, 400},
		"forwarded from a blocked country":     {blocked, aRequest{country: "GB", proof: forwarderProof, forwarded: "a", forwardedCountry: "KP"}, 400},
		"a blocked client that names a better": {blocked, aRequest{country: "KP", forwarded: "a", forwardedCountry: "GB"}, 400},
		"a forwarder in a blocked country":     {blocked, aRequest{country: "KP", proof: forwarderProof, forwarded: "a", forwardedCountry: "GB"}, 0},
	} {
		if got := answerOf(t, c.acl, c.request); got != c.want {
			t.Errorf("%s is answered %d, want %d", name, got, c.want)
		}
	}
}
