package webacl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/local/webacl"
)

// written returns a template with a web ACL of one rule, written by hand.
func written(statement, action string) []byte {
	return []byte(fmt.Sprintf(`{"Resources": {
		"Set": {"Type": "AWS::WAFv2::IPSet", "Properties": {"Addresses": ["203.0.113.0/24"]}},
		"Patterns": {"Type": "AWS::WAFv2::RegexPatternSet", "Properties": {"RegularExpressionList": ["^a+$", "^b+$"]}},
		"ACL": {"Type": "AWS::WAFv2::WebACL", "Properties": {"Name": "acl", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "Rules": [
			{"Name": "Rule", "Priority": 0, "Statement": %s, "Action": %s, "RuleLabels": [{"Name": "seen:by:rule"}]},
			{"Name": "Labelled", "Priority": 1, "Statement": {"LabelMatchStatement": {"Scope": "NAMESPACE", "Key": "seen:by:"}}, "Action": {"Count": {}}}]}}}}`, statement, action))
}

func field(field string, transformations ...string) string {
	var list []string
	for i, kind := range append(transformations, "NONE") {
		list = append(list, fmt.Sprintf(`{"Priority": %d, "Type": %q}`, i, kind))
	}
	return fmt.Sprintf(`"FieldToMatch": {%s}, "TextTransformations": [%s]`, field, strings.Join(list, ","))
}

func is(field, constraint, search string) string {
	return fmt.Sprintf(`{"ByteMatchStatement": {%s, "PositionalConstraint": %q, "SearchString": %q}}`, field, constraint, search)
}

func TestStatement_Requests_MatchAsDocumented(t *testing.T) {
	path, query, method := field(`"UriPath": {}`), field(`"QueryString": {}`), field(`"Method": {}`)
	forwarded := func(position string) string {
		return fmt.Sprintf(`{"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": ["Set", "Arn"]},
			"IPSetForwardedIPConfig": {"HeaderName": "X-Seen", "FallbackBehavior": "MATCH", "Position": %q}}}`, position)
	}
	for name, c := range map[string]struct {
		statement string
		yes, no   *webacl.Request
	}{
		"exactly":       {is(path, "EXACTLY", "/a"), request("GET /a?b"), request("GET /a/b")},
		"begins":        {is(path, "STARTS_WITH", "/a"), request("GET /ab"), request("GET /b/a")},
		"ends":          {is(path, "ENDS_WITH", ".php"), request("GET /a.php"), request("GET /a.php5")},
		"contains":      {is(query, "CONTAINS", "x=1"), request("GET /?a=2&x=1"), request("GET /x=1")},
		"contains word": {is(query, "CONTAINS_WORD", "drop"), request("GET /?a=drop"), request("GET /?a=dropped")},
		"in base64": {`{"ByteMatchStatement": {` + method + `, "PositionalConstraint": "EXACTLY", "SearchStringBase64": "UFVU"}}`,
			request("PUT /"), request("GET /")},
		"lower case":       {is(field(`"SingleHeader": {"Name": "x-app"}`, "LOWERCASE"), "EXACTLY", "web"), request("GET /", header("X-App", "WEB")), request("GET /")},
		"decoded twice":    {is(field(`"UriPath": {}`, "URL_DECODE", "URL_DECODE"), "EXACTLY", "/a%zz"), request("GET /%2561%25zz"), request("GET /%252561")},
		"normalized":       {is(field(`"UriPath": {}`, "NORMALIZE_PATH"), "EXACTLY", "/a/b/"), request("GET //a/./c/..//b/"), request("GET /a/b")},
		"HTML, base64":     {is(field(`"QueryString": {}`, "BASE64_DECODE", "HTML_ENTITY_DECODE", "COMPRESS_WHITE_SPACE"), "EXACTLY", "< a"), request("GET /?Jmx0OyAgCWE="), request("GET /?!")},
		"one argument":     {is(field(`"SingleQueryArgument": {"Name": "ID"}`), "EXACTLY", "7"), request("GET /?id=%37"), request("GET /?di=7")},
		"all arguments":    {is(field(`"AllQueryArguments": {}`), "EXACTLY", "7"), request("GET /?a=1&b=7"), request("GET /?7=a")},
		"a regex":          {`{"RegexMatchStatement": {` + path + `, "RegexString": "^/v[0-9]+/"}}`, request("GET /v12/a"), request("GET /vx/a")},
		"a set of regexes": {`{"RegexPatternSetReferenceStatement": {` + query + `, "Arn": {"Fn::GetAtt": ["Patterns", "Arn"]}}}`, request("GET /?bb"), request("GET /?ab")},
		"a size":           {`{"SizeConstraintStatement": {` + query + `, "ComparisonOperator": "LE", "Size": 3}}`, request("GET /?abc"), request("GET /?abcd")},
		"a body's start": {`{"SizeConstraintStatement": {` + field(`"Body": {"OversizeHandling": "CONTINUE"}`) + `, "ComparisonOperator": "EQ", "Size": 16384}}`,
			request("GET /", body(20_000)), request("GET /", body(20))},
		"an oversize body": {`{"SizeConstraintStatement": {` + field(`"Body": {"OversizeHandling": "NO_MATCH"}`) + `, "ComparisonOperator": "GT", "Size": 1}}`,
			request("GET /", body(16384)), request("GET /", body(16385))},
		"and": {`{"AndStatement": {"Statements": [` + is(path, "EXACTLY", "/a") + `,` + is(method, "EXACTLY", "PUT") + `]}}`, request("PUT /a"), request("GET /a")},
		"or":  {`{"OrStatement": {"Statements": [` + is(path, "EXACTLY", "/a") + `,` + is(method, "EXACTLY", "PUT") + `]}}`, request("GET /a"), request("GET /b")},
		"not": {`{"NotStatement": {"Statement": ` + is(path, "EXACTLY", "/a") + `}}`, request("GET /b"), request("GET /a")},
		"the first forwarded address": {forwarded("FIRST"), request("GET /", header("X-Seen", "203.0.113.9, 198.51.100.1")),
			request("GET /", header("X-Seen", "198.51.100.1, 203.0.113.9"))},
		"the last forwarded address": {forwarded("LAST"), request("GET /", header("X-Seen", "198.51.100.1,203.0.113.9")),
			request("GET /", header("X-Seen", "203.0.113.9,198.51.100.1"))},
		"any forwarded address": {forwarded("ANY"), request("GET /", header("X-Seen", "198.51.100.1"), header("X-Seen", "203.0.113.9")),
			request("GET /", header("X-Seen", "198.51.100.1"), from("203.0.113.9"))},
		"no forwarded address": {forwarded("FIRST"), request("GET /"), request("GET /", header("X-Seen", "198.51.100.1"))},
	} {
		acl := readACL(t, written(c.statement, `{"Block": {}}`), nil, newClock())
		if d := acl.Evaluate(c.yes); !d.Block || d.Status != 403 {
			t.Errorf("%s: a request that matches gets %+v", name, d)
		}
		if d := acl.Evaluate(c.no); d.Block || len(d.Labels) > 0 {
			t.Errorf("%s: a request that does not match gets %+v", name, d)
		}
	}
}

func TestCount_Match_AddsLabelAndHeader(t *testing.T) {
	action := `{"Count": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "seen", "Value": "1"}]}}}`
	d := readACL(t, written(is(field(`"UriPath": {}`), "EXACTLY", "/a"), action), nil, newClock()).Evaluate(request("GET /a"))
	if d.Block || fmt.Sprint(d.Counted) != "[Rule Labelled]" || d.InsertedHeaders.Get("x-amzn-waf-seen") != "1" ||
		fmt.Sprint(d.Labels) != "[awswaf:000000000000:webacl:acl:seen:by:rule]" {
		t.Errorf("decision %+v", d)
	}
}

func TestRate_OtherKeys_AreCountedApart(t *testing.T) {
	rate := func(rest string) *webacl.ACL {
		return readACL(t, written(`{"RateBasedStatement": {"Limit": 10, "EvaluationWindowSec": 60, `+rest+`}}`, `{"Block": {}}`), nil, newClock())
	}
	seen := func(address string) func(*webacl.Request) { return header("X-Seen", address) }
	forwarded := rate(`"AggregateKeyType": "FORWARDED_IP", "ForwardedIPConfig": {"HeaderName": "X-Seen", "FallbackBehavior": "NO_MATCH"}`)
	custom := rate(`"AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": [{"IP": {}}, {"Header": {"Name": "x-seen", "TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}]}}]`)
	constant := rate(`"AggregateKeyType": "CONSTANT"`)
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"forwarded to the limit", blockedOf(forwarded, 10, "GET /", seen("192.0.2.1")), 0},
		{"forwarded beyond", blockedOf(forwarded, 2, "GET /", seen("192.0.2.1"), from("198.51.100.9")), 2},
		{"another forwarded address", blockedOf(forwarded, 1, "GET /", seen("192.0.2.2")), 0},
		{"no forwarded address", blockedOf(forwarded, 30, "GET /"), 0},
		{"custom keys in any case", blockedOf(custom, 5, "GET /", seen("A")) + blockedOf(custom, 6, "GET /", seen("a")), 1},
		{"custom keys of another address", blockedOf(custom, 1, "GET /", seen("a"), from("192.0.2.9")), 0},
		{"a custom key is missing", blockedOf(custom, 30, "GET /"), 0},
		{"everything together", blockedOf(constant, 10, "GET /") + blockedOf(constant, 1, "GET /", from("192.0.2.9")), 1},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d blocked, want %d", c.what, c.got, c.want)
		}
	}
}

func TestNew_UnknownParts_AreRefused(t *testing.T) {
	path := is(field(`"UriPath": {}`), "EXACTLY", "/a")
	for says, text := range map[string][]byte{
		"Captcha":                 written(path, `{"Captcha": {}}`),
		"none of Allow":           written(path, `{}`),
		"no response body":        written(path, `{"Block": {"CustomResponse": {"ResponseCode": 400, "CustomResponseBodyKey": "x"}}}`),
		"AsnMatchStatement":       written(`{"AsnMatchStatement": {"AsnList": [1]}}`, `{"Block": {}}`),
		"empty":                   written(`{}`, `{"Block": {}}`),
		"MD5":                     written(is(field(`"UriPath": {}`, "MD5"), "EXACTLY", "/a"), `{"Block": {}}`),
		"JsonBody":                written(is(field(`"JsonBody": {}`), "EXACTLY", "/a"), `{"Block": {}}`),
		"unknown aggregate key":   written(`{"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "ASN"}}`, `{"Block": {}}`),
		"no reference to an":      written(`{"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": ["Other", "Arn"]}}}`, `{"Block": {}}`),
		"two statements":          written(`{"OrStatement": {"Statements": [`+path+`]}}`, `{"Block": {}}`),
		"unknown oversize":        written(is(field(`"Body": {"OversizeHandling": "PASS"}`), "EXACTLY", "/a"), `{"Block": {}}`),
		"unknown positional":      written(is(field(`"UriPath": {}`), "NEAR", "/a"), `{"Block": {}}`),
		`no web ACL "ACL"`:        []byte(`{"Resources": {}}`),
		"needs an OverrideAction": written(`{"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "X"}}`, `{"Block": {}}`),
	} {
		if _, err := webacl.New(text, "ACL", webacl.Options{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want an error about %q, got %v", says, err)
		}
	}
}
