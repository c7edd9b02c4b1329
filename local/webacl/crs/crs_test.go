package crs_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/local/webacl"
	"github.com/expenzez/infrastructure/local/webacl/sampletexts"
)

func TestEdgeRules_HonestTexts_Pass(t *testing.T) {
	acl := edgeACL(t, rules(t))
	texts := sampletexts.Honest()
	for _, text := range texts {
		for path, body := range map[string]string{
			"/transactions":    transaction(t, text),
			"/auth/login":      `{"email":"ada@example.com","password":` + quoted(t, text) + `}`,
			"/ai/chat-message": `{"message":` + quoted(t, text) + `,"history":[` + quoted(t, text) + `]}`,
		} {
			if d := acl.Evaluate(post(path, body)); d.Block {
				t.Errorf("%s: %q is refused by %s: %v", path, text, d.Rule, d.Counted)
			}
		}
	}
	if len(texts) < 60 {
		t.Errorf("only %d texts", len(texts))
	}
	if d := acl.Evaluate(post("/auth/login", `{"email":"o'brien@example.com","password":"`+strings.Repeat(`x'; \"y\" & <z> `, 8)+`"}`)); d.Block {
		t.Errorf("a long password with quotes is refused by %s: %v", d.Rule, d.Counted)
	}
}

func TestEdgeRules_LongContext_Passes(t *testing.T) {
	body := longContext(t)
	if len(body) < 400_000 {
		t.Fatalf("the context has only %d bytes", len(body))
	}
	acl := edgeACL(t, rules(t))
	if d := acl.Evaluate(post("/ai/insight", body)); d.Block {
		t.Errorf("refused by %s: %v", d.Rule, d.Counted)
	}
	if d := acl.Evaluate(post("/goals", body)); !d.Block || !slices.Contains(d.Counted, "BodySize") {
		t.Errorf("on a path with a limit: %+v", d)
	}
}

// longContext returns a question with 1,000 transactions, 400 KB, some of them with
// the honest texts.
func longContext(t testing.TB) string {
	t.Helper()
	texts := sampletexts.Honest()
	var rows []any
	for i := range 1000 {
		rows = append(rows, map[string]any{
			"id": fmt.Sprintf("0198c1f2-7a10-7c3e-9d55-%012d", i), "date": "2026-03-01", "amount": -12.5, "currency": "GBP",
			"description": texts[i%len(texts)], "category": "Eating out", "notes": fmt.Sprint("Receipt ", i, strings.Repeat(", weekly shop", 19)),
		})
	}
	body, err := json.Marshal(map[string]any{"question": "Where can I save?", "context": rows})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestEdgeRules_Attacks_Answer400(t *testing.T) {
	acl := edgeACL(t, rules(t))
	for i, text := range sampletexts.Attacks() {
		requests := map[string]*webacl.Request{
			"the body":           post("/transactions", transaction(t, text)),
			"the query":          query(text),
			"escapes of JSON":    post("/transactions", `{"description":"`+escaped(text)+`"}`),
			"a key of the body":  post("/transactions", `{`+quoted(t, text)+`:1}`),
			"a list in the body": post("/transactions", `[[`+quoted(t, text)+`]]`),
		}
		if i < 2 { // a long body takes a second
			requests["a body cut off"] = post("/ai/insight", `{"a":"`+strings.Repeat("x ", 32700)+`","b":`+quoted(t, text)+`,"c":"`+strings.Repeat("y ", 9000))
		}
		for place, request := range requests {
			d := acl.Evaluate(request)
			if d.Status != 400 || d.Rule != "AnswerRefused" || d.Body != `{"error":{"code":"REQUEST_REFUSED","message":"The request was refused."}}` {
				t.Errorf("%q in %s gets %d: %v", text, place, d.Status, d.Counted)
			}
		}
	}
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	q, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(q)
}

func query(text string) *webacl.Request {
	r := post("/transactions", "")
	r.Method, r.Query = "GET", "q="+url.QueryEscape(text)
	return r
}

// escaped writes each byte as JSON may, so that no byte of the text is in the body.
func escaped(text string) string {
	var all strings.Builder
	for _, r := range text {
		fmt.Fprintf(&all, `\u%04x`, r)
	}
	return all.String()
}

func TestMatches_Requests_GetAWSNames(t *testing.T) {
	long := func(n int) string { return strings.Repeat("a", n) }
	with := func(change func(*webacl.Request)) *webacl.Request {
		r := post("/goals", "")
		change(r)
		return r
	}
	for want, r := range map[string]*webacl.Request{
		"":                                    post("/goals", transaction(t, "Lunch")),
		"SQLi_BODY":                           post("/goals", transaction(t, "1' OR '1'='1")),
		"SQLi_QUERYARGUMENTS":                 query("1' OR '1'='1"),
		"SQLi_COOKIE":                         with(func(r *webacl.Request) { r.Header.Set("Cookie", "a=1' OR '1'='1") }),
		"SQLiExtendedPatterns_BODY":           post("/goals", transaction(t, "M&S; select items")),
		"SQLiExtendedPatterns_QUERYARGUMENTS": query("M&S; select items"),
		"CrossSiteScripting_QUERYARGUMENTS":   query("<script>a</script>"),
		"CrossSiteScripting_URIPATH":          with(func(r *webacl.Request) { r.Path = "/%3Cscript%3Ea" }),
		"GenericLFI_URIPATH":                  with(func(r *webacl.Request) { r.Path = "/a/..%2f..%2f..%2fetc" }),
		"ExploitablePaths_URIPATH":            with(func(r *webacl.Request) { r.Path = "/.git/config" }),
		"GenericRFI_BODY":                     post("/goals", transaction(t, "http://203.0.113.7/a.php")),
		"EC2MetaDataSSRF_QUERYARGUMENTS":      query("http://169.254.169.254/latest/meta-data/"),
		"Log4JRCE_HEADER":                     with(func(r *webacl.Request) { r.Header.Set("X-App", "${jndi:ldap://x/a}") }),
		"Log4JRCE_BODY":                       post("/goals", transaction(t, "${jndi:ldap://x/a}")),
		"JavaDeserializationRCE_BODY":         post("/goals", transaction(t, "java.lang.Runtime.getRuntime().exec")),
		"UserAgent_BadBots_HEADER":            with(func(r *webacl.Request) { r.Header.Set("User-Agent", "sqlmap/1.7") }),
		"NoUserAgent_HEADER":                  with(func(r *webacl.Request) { r.Header.Del("User-Agent") }),
		"PROPFIND_METHOD":                     with(func(r *webacl.Request) { r.Method = "PROPFIND" }),
		"SizeRestrictions_QUERYSTRING":        with(func(r *webacl.Request) { r.Query = "a=" + long(2047) }),
		"SizeRestrictions_Cookie_HEADER":      with(func(r *webacl.Request) { r.Header.Set("Cookie", "a="+long(10_239)) }),
		"SizeRestrictions_BODY":               post("/goals", transaction(t, long(8200))),
		"SizeRestrictions_URIPATH":            with(func(r *webacl.Request) { r.Path = "/" + long(1024) }),
	} {
		var got []string
		for _, m := range rules(t).Matches(r) {
			got = append(got, m.Rule)
			if !strings.HasPrefix(m.Label, "awswaf:managed:aws:") || m.Group == "" {
				t.Errorf("%s: match %+v", want, m)
			}
		}
		if want == "" && len(got) > 0 || want != "" && !slices.Contains(got, want) {
			t.Errorf("want %q, got %v", want, got)
		}
	}
}

// The labels of the stand-in must be those that the web ACL acts on. Otherwise an
// exclusion would not exclude, since the web ACL blocks unknown labels of a group.
func TestMatches_Labels_AreThoseOfTheConstructs(t *testing.T) {
	acl := edgeACL(t, rules(t))
	d := acl.Evaluate(post("/transactions", transaction(t, "M&S; select items")))
	if d.Block || !slices.Contains(d.Labels, "awswaf:managed:aws:sql-database:SQLiExtendedPatterns_Body") {
		t.Errorf("an excluded rule gives %+v", d)
	}
}

// Run with: go test ./local/webacl/crs -run '^$' -bench .
func BenchmarkEvaluate(b *testing.B) {
	requests := map[string]*webacl.Request{
		"small":  post("/transactions", transaction(b, "Lunch with Sam")),
		"400 KB": post("/ai/insight", longContext(b)),
	}
	for name, managed := range map[string]webacl.ManagedRules{"with managed groups": rules(b), "without": nil} {
		acl := edgeACL(b, managed)
		for size, r := range requests {
			b.Run(size+" "+name, func(b *testing.B) {
				for b.Loop() {
					acl.Evaluate(r)
				}
			})
		}
	}
}
