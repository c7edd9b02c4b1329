package webacl_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/local/webacl"
)

var strict = constructs.WebACLRules{
	Addresses:      constructs.AddressLists{Block: []string{"203.0.113.0/24", "2001:db8:1::/48"}, Trust: []string{"198.51.100.99/32"}},
	GeoRestriction: constructs.GeoRestriction{AllowedCountries: []string{"GB", "IE"}},
	MaxBodyBytes:   8192,
	BodyLimits: []constructs.BodyLimit{
		{PathPrefix: "/import/pictures", AnyLength: true},
		{PathPrefix: "/import", MaxBytes: 65536},
	},
}

func TestACL_ConstructsRules_DecideAsDeclared(t *testing.T) {
	acl := readACL(t, template(t, strict), nil, newClock())
	for name, c := range map[string]struct {
		request *webacl.Request
		rule    string // that blocks; empty: none
	}{
		"an ordinary request":            {request("GET /goals"), ""},
		"a blocked range":                {request("GET /goals", from("203.0.113.200")), "AddressesBlocked"},
		"a blocked range of IPv6":        {request("GET /goals", from("2001:db8:1:2::3")), "AddressesBlocked"},
		"a blocked address in IPv6 form": {request("GET /goals", from("::ffff:203.0.113.5")), "AddressesBlocked"},
		"a trusted address, huge body":   {request("POST /goals", from("198.51.100.99"), body(100_000)), ""},
		"a country that may not call":    {request("GET /goals", from("192.0.2.1")), "Countries"},
		"a longer prefix's country":      {request("GET /goals", from("192.0.2.65")), ""},
		"no known country":               {request("GET /goals", from("2001:db8:9::1")), "Countries"},
		"a body at the limit":            {request("POST /goals", body(8192)), ""},
		"a body over the limit":          {request("POST /goals", body(8193)), "BodySize"},
		"a body at its path's limit":     {request("POST /import/csv", body(65536)), ""},
		"a body over its path's limit":   {request("POST /import/csv", body(65537)), "BodySize2Import"},
		"an encoded path":                {request("POST /%69mport/./csv", body(65536)), ""},
		"a path that leaves":             {request("POST /import/../goals", body(8193)), "BodySize"},
		"any length":                     {request("POST /import/pictures/1", body(70_000)), ""},
	} {
		d := acl.Evaluate(c.request)
		if d.Block != (c.rule != "") || d.Block && !slices.Contains(d.Counted, c.rule) {
			t.Errorf("%s: blocked %v, after %v; want %q", name, d.Block, d.Counted, c.rule)
		}
	}
}

func TestACL_BodyLimit_IsTheTemplates(t *testing.T) {
	if got := readACL(t, template(t, constructs.WebACLRules{}), nil, newClock()).BodyLimit(); got != 16384 {
		t.Errorf("by default %d bytes are inspected", got)
	}
	if got := readACL(t, template(t, strict), nil, newClock()).BodyLimit(); got != 65536 {
		t.Errorf("%d bytes are inspected where a body may have any length", got)
	}
}

func TestACL_Responses_AreTheTemplates(t *testing.T) {
	acl := readACL(t, template(t, constructs.WebACLRules{PerAddress: constructs.RateLimit{Requests: 10}}), nil, newClock())
	refused := acl.Evaluate(request("POST /goals", body(20_000)))
	if got := fmt.Sprint(refused.Status, refused.Header, refused.Body); got !=
		`400 map[Cache-Control:[no-store] Content-Security-Policy:[default-src 'none'; frame-ancestors 'none'] `+
			`Content-Type:[application/json] Referrer-Policy:[no-referrer] Strict-Transport-Security:[max-age=63072000; includeSubDomains] `+
			`X-Content-Type-Options:[nosniff] X-Frame-Options:[DENY]]{"error":{"code":"REQUEST_REFUSED","message":"The request was refused."}}` {
		t.Errorf("the body's answer is %s", got)
	}
	var limited webacl.Decision
	for range 10 {
		limited = acl.Evaluate(request("GET /goals"))
	}
	if got := fmt.Sprint(limited.Status, limited.Header.Get("Retry-After"), limited.Header.Get("X-Content-Type-Options"), limited.Body); got !=
		`429300nosniff{"error":{"code":"TOO_MANY_REQUESTS","message":"Too many requests. Try again later."}}` {
		t.Errorf("the rate's answer is %s", got)
	}
}

func TestACL_ResponsesOfPath_ReplaceBodiesThere(t *testing.T) {
	rules := rates(constructs.RuleBlock)
	rules.Responses = constructs.BlockResponses{
		Headers: map[string]string{"Access-Control-Allow-Origin": "*"},
		PerPath: []constructs.PathResponses{
			{PathPrefix: "/auth/", TooManyRequests: `{"message":"auth 429"}`, Refused: `{"message":"auth 400"}`},
			{PathPrefix: "/auth/code", TooManyRequests: `{"message":"code 429"}`, Refused: `{"message":"code 400"}`},
		},
	}
	acl := readACL(t, template(t, rules), nil, newClock())
	for path, want := range map[string]string{
		"/goals":      `400{"error":{"code":"REQUEST_REFUSED","message":"The request was refused."}}`,
		"/auth/login": `400{"message":"auth 400"}`, "/auth/code": `400{"message":"code 400"}`,
	} {
		d := acl.Evaluate(request("POST "+path, body(20_000)))
		if got := fmt.Sprint(d.Status, d.Body); got != want || d.Header.Get("Access-Control-Allow-Origin") != "*" || d.Header.Get("Retry-After") != "" {
			t.Errorf("%s: %s %v, want %s", path, got, d.Header, want)
		}
	}
	blockedOf(acl, 10, "POST /auth/login", body(20_000))
	d := acl.Evaluate(request("POST /auth/login", body(20_000)))
	if got := fmt.Sprint(d.Status, d.Body); got != `429{"message":"auth 429"}` || d.Header.Get("Retry-After") != "60" {
		t.Errorf("too many requests that would be refused too: %s %v", got, d.Header)
	}
}

// A later rule answers an address of Block, and Trust must not let it pass before.
func TestACL_AddressInBlockAndTrust_IsRefused(t *testing.T) {
	acl := readACL(t, template(t, constructs.WebACLRules{Addresses: constructs.AddressLists{
		Block: []string{"203.0.113.0/24"}, Trust: []string{"203.0.113.9/32"},
	}}), nil, newClock())
	if d := acl.Evaluate(request("GET /goals", from("203.0.113.9"))); d.Status != 400 {
		t.Errorf("it gets %+v", d)
	}
}

func rates(action constructs.RuleAction) constructs.WebACLRules {
	return constructs.WebACLRules{
		PerAddress: constructs.RateLimit{Requests: 50, Window: 5 * time.Minute, Action: action},
		PerPath:    []constructs.PathRate{{PathPrefix: "/auth/", Requests: 10, Window: time.Minute, Action: action}},
	}
}

// blockedOf sends requests and returns how many are blocked.
func blockedOf(acl *webacl.ACL, count int, line string, change ...func(*webacl.Request)) (blocked int) {
	for range count {
		if acl.Evaluate(request(line, change...)).Block {
			blocked++
		}
	}
	return blocked
}

func TestRate_PerAddressAndPath_BlocksBeyondLimit(t *testing.T) {
	now := newClock()
	acl := readACL(t, template(t, rates(constructs.RuleBlock)), nil, now)
	expect := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d blocked, want %d", what, got, want)
		}
	}
	expect("a path to its limit", blockedOf(acl, 10, "POST /auth/login"), 0)
	expect("beyond", blockedOf(acl, 3, "POST /auth/login"), 3)
	expect("the path in another spelling", blockedOf(acl, 1, "POST //%61uth/login"), 1)
	expect("another path", blockedOf(acl, 1, "GET /goals"), 0)
	expect("another address", blockedOf(acl, 1, "POST /auth/login", from("198.51.100.8")), 0)

	now.advance(59 * time.Second)
	expect("within the window", blockedOf(acl, 1, "POST /auth/login"), 1)
	now.advance(2 * time.Second)
	// The request a moment ago still counts, although it was blocked.
	expect("after the window", blockedOf(acl, 10, "POST /auth/login"), 1)

	// 10+3+1+1+1+10 requests so far.
	expect("all paths to the address's limit", blockedOf(acl, 24, "GET /goals"), 0)
	expect("beyond all paths' limit", blockedOf(acl, 2, "GET /goals"), 2)
	now.advance(6 * time.Minute)
	expect("later", blockedOf(acl, 50, "GET /goals"), 0)
}

func TestRate_CountAction_BlocksNothing(t *testing.T) {
	acl := readACL(t, template(t, rates(constructs.RuleCount)), nil, newClock())
	if blocked := blockedOf(acl, 60, "POST /auth/login"); blocked > 0 {
		t.Errorf("%d requests are blocked", blocked)
	}
	d := acl.Evaluate(request("POST /auth/login"))
	if want := []string{"RatePerAddress", "Rate1Auth"}; !slices.Equal(d.Counted, want) {
		t.Errorf("counted %v, want %v", d.Counted, want)
	}
}

func TestRate_ConcurrentRequests_PassExactlyTheLimit(t *testing.T) {
	acl := readACL(t, template(t, rates(constructs.RuleBlock)), nil, newClock())
	var passed atomic.Int32
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			if !acl.Evaluate(request("GET /goals")).Block {
				passed.Add(1)
			}
		})
	}
	group.Wait()
	if passed.Load() != 50 {
		t.Errorf("%d requests passed, want 50", passed.Load())
	}
}

func TestManagedGroup_Matches_AreBlockedUnlessCounted(t *testing.T) {
	const sqlGroup, ipGroup = "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesAnonymousIpList"
	const core, sql = "awswaf:managed:aws:core-rule-set:", "awswaf:managed:aws:sql-database:"
	rules := constructs.WebACLRules{
		ManagedGroups:       map[constructs.ManagedRuleGroup]constructs.RuleAction{constructs.AnonymousIP: constructs.RuleCount},
		CountedManagedRules: map[constructs.ManagedRuleGroup][]string{constructs.SQLInjection: {"SQLiExtendedPatterns_BODY"}},
	}
	text := template(t, rules)
	extended := webacl.ManagedMatch{Group: sqlGroup, Rule: "SQLiExtendedPatterns_BODY", Label: sql + "SQLiExtendedPatterns_Body"}
	for name, c := range map[string]struct {
		matches found
		rule    string
		counted string
	}{
		"nothing":        {nil, "", ""},
		"SQL":            {found{{sqlGroup, "SQLi_BODY", sql + "SQLi_Body"}}, "AnswerRefused", sqlGroup + "Found"},
		"a counted rule": {found{extended}, "", "SQLiExtendedPatterns_BODY"},
		"a counted rule and another": {found{extended, {sqlGroup, "SQLi_COOKIE", sql + "SQLi_Cookie"}},
			"AnswerRefused", "SQLi_COOKIE " + sqlGroup + "Found"},
		"a group that counts": {found{{ipGroup, "AnonymousIPList", "awswaf:managed:aws:anonymous-ip-list:AnonymousIPList"}},
			"", ipGroup + "/AnonymousIPList"},
		"a rule that AWS adds": {found{{"AWSManagedRulesCommonRuleSet", "New_BODY", core + "New_Body"}},
			"AnswerRefused", "New_BODY AWSManagedRulesCommonRuleSetFound"},
	} {
		d := readACL(t, text, c.matches, newClock()).Evaluate(request("POST /goals"))
		if d.Block != (c.rule != "") || d.Rule != c.rule || d.Block && d.Status != 400 || !strings.Contains(fmt.Sprint(d.Counted), c.counted) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestManagedGroup_ConfirmedRule_BlocksOnlyWithPattern(t *testing.T) {
	const group, label = "AWSManagedRulesSQLiRuleSet", "awswaf:managed:aws:sql-database:SQLi_Body"
	text := template(t, constructs.WebACLRules{ConfirmedManagedRules: []constructs.ConfirmedRules{{
		Group: constructs.SQLInjection, Rules: []string{"SQLi_BODY"}, BodyPatterns: []string{`'\s*;\s*drop\s`, `never`},
	}}})
	sql := found{{group, "SQLi_BODY", label}}
	for name, c := range map[string]struct {
		matches found
		body    string
		blocked bool
	}{
		"both":             {sql, `{"a":"'; DROP TABLE a"}`, true},
		"escaped":          {sql, `{"a":"\u0027\t;\u0020DROP\nTABLE a"}`, true},
		"the rule alone":   {sql, `{"a":"O'Neill; drop-in"}`, false},
		"the pattern":      {nil, `{"a":"'; DROP TABLE a"}`, false},
		"an unlisted rule": {found{{group, "SQLi_COOKIE", "awswaf:managed:aws:sql-database:SQLi_Cookie"}}, `{}`, true},
	} {
		d := readACL(t, text, c.matches, newClock()).Evaluate(request("POST /goals", func(r *webacl.Request) { r.Body = []byte(c.body) }))
		if d.Block != c.blocked {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

// capped notes the body that the managed rules get.
type capped struct{ bytes *int }

func (c capped) Matches(r *webacl.Request) []webacl.ManagedMatch {
	*c.bytes = len(r.Body)
	return nil
}

func TestManagedGroup_LongBody_IsInspectedToTheLimit(t *testing.T) {
	var bytes int
	rules := constructs.WebACLRules{BodyAction: constructs.RuleCount}
	d := readACL(t, template(t, rules), capped{&bytes}, newClock()).Evaluate(request("POST /goals", body(16385)))
	if bytes != 16384 || d.Block || !slices.Contains(d.Counted, "BodySize") {
		t.Errorf("the managed rules got %d bytes, want 16384; decision %+v", bytes, d)
	}
}

func TestForwarder_ForwardedRequests_CountByNamedAddress(t *testing.T) {
	acl := readACL(t, template(t, constructs.WebACLRules{
		PerAddress: constructs.RateLimit{Requests: 20},
		Forwarder:  constructs.Forwarder{SecretName: "shop/forwarder", PerAddress: constructs.RateLimit{Requests: 10}},
	}), nil, newClock())
	const proof = "{{resolve:secretsmanager:shop/forwarder:SecretString:FORWARDER_SECRET::}}" // a deployment has the value
	named := func(proof, address string) func(*webacl.Request) {
		return func(r *webacl.Request) {
			r.Header.Set("X-Forwarder-Secret", proof)
			r.Header.Set("X-Forwarder-Client-Ip", address)
		}
	}
	expect := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d blocked, want %d", what, got, want)
		}
	}
	expect("one client of the forwarder", blockedOf(acl, 12, "GET /goals", named(proof, "203.0.113.1")), 2)
	expect("another", blockedOf(acl, 10, "GET /goals", named(proof, "2001:db8::1")), 0)
	expect("the same from another connection", blockedOf(acl, 1, "GET /goals", named(proof, "203.0.113.1"), from("198.51.100.8")), 1)
	expect("no address", blockedOf(acl, 30, "GET /goals", named(proof, "unknown")), 0)
	expect("guessed proofs under many addresses", blockedOf(acl, 10, "GET /goals", named("guess", "203.0.113.2"))+
		blockedOf(acl, 12, "GET /goals", named("guess", "203.0.113.3")), 2)
}
