package cdk_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/local/edge"
	"github.com/expenzez/infrastructure/local/webacl"
	"github.com/expenzez/infrastructure/local/webacl/crs"
	"github.com/expenzez/infrastructure/local/webacl/sampletexts"
)

// The local edge runs the distribution of the stage's template. So this test fails when
// the template has something that the local edge cannot do.
func TestEdge_Template_RunsInTheLocalEdge(t *testing.T) {
	managed, err := crs.New()
	if err != nil {
		t.Fatal(err)
	}
	eachEdge(t, func(t *testing.T, s stage, template template) {
		var id string
		for logicalID, r := range template.Resources {
			if r.Type == "AWS::CloudFront::Distribution" {
				id = logicalID
			}
		}
		distribution, err := edge.ReadDistribution([]byte(text(template)), id, webacl.Options{
			Managed: managed, Countries: map[netip.Prefix]string{netip.MustParsePrefix("127.0.0.0/8"): "GB"},
		})
		if err != nil {
			t.Fatal(err)
		}
		var got http.Header
		engine := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() }))
		defer engine.Close()
		handler, err := edge.New(edge.Config{Engine: engine.URL, API: "1a2b3c4d", Distribution: distribution})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(handler)
		defer server.Close()

		send := func(path, body string) (*http.Response, string) {
			t.Helper()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Expenzez/1.4"}, "True-Client-Ip": {"203.0.113.9"}}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			said, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return resp, string(said)
		}
		for _, honest := range sampletexts.Honest() {
			if resp, said := send("/transactions", text(map[string]any{"description": honest, "amount": 100})); resp.StatusCode != 200 {
				t.Errorf("%q: answered %s %s", honest, resp.Status, said)
			}
		}
		csv := func(texts ...string) string {
			var rows []any
			for _, one := range texts {
				rows = append(rows, map[string]any{"id": "csv_1", "date": "2026-07-01T00:00:00.000Z", "description": one, "amount": -1, "originalAmount": 1, "category": "other", "type": "debit"})
			}
			return text(map[string]any{"transactions": rows, "bank": map[string]any{"id": "generic", "name": "Bank"}})
		}
		many := slices.Repeat(sampletexts.Honest(), 10_000/len(sampletexts.Honest()))
		for _, texts := range [][]string{sampletexts.Honest(), many} {
			if resp, said := send("/transactions/import-csv", csv(texts...)); resp.StatusCode != 200 {
				t.Errorf("an import of %d rows: answered %s %s", len(texts), resp.Status, said)
			}
		}
		if resp, said := send("/ai/insight", `{"context":"`+strings.Repeat("weekly shop, ", 31_000)+`"}`); resp.StatusCode != 200 {
			t.Errorf("a context of 400 KB: answered %s %s", resp.Status, said)
		}
		nested := `{"error":{"code":"REQUEST_REFUSED","message":"The request was refused."}}`
		flat := `{"error":"REQUEST_REFUSED","message":"The request was refused."}`
		for _, attack := range sampletexts.Attacks() {
			expectBlocked(t, send, "/transactions", text(map[string]any{"description": attack, "amount": 100}), 400, nested)
			expectBlocked(t, send, "/transactions/import-csv", csv("ACME SHOP", attack), 400, nested)
			expectBlocked(t, send, "/auth/register", text(map[string]any{"name": attack}), 400, flat)
		}
		long := `{"name":"` + strings.Repeat("a", 65_536) + `"}`
		expectBlocked(t, send, "/goals", long, 400, nested)
		expectBlocked(t, send, "/auth/login", long, 400, flat)
		const tooMany = `"message":"Too many requests. Please try again later."}`
		for path, want := range map[string]string{"/auth/login": `{"error":"RATE_LIMITED",` + tooMany, "/ai/chat-message": `{"code":"RATE_LIMITED",` + tooMany} {
			rate := map[string]int{"/auth/login": s.config.API.Edge.Rates.Auth, "/ai/chat-message": s.config.API.Edge.Rates.AI}[path]
			if rate > 5000 {
				continue // of local, whose end-to-end tests are one address
			}
			for range rate {
				send(path, `{}`)
			}
			expectBlocked(t, send, path, `{}`, 429, want)
		}
		if ip := got.Values("True-Client-Ip"); len(ip) != 1 || ip[0] != "127.0.0.1" {
			t.Errorf("the API is told that the client's address is %q", ip)
		}
	})
}

// expectBlocked checks a response of the web ACL: its body has the envelope of the path,
// and its headers are those of the API's other responses.
func expectBlocked(t *testing.T, send func(path, body string) (*http.Response, string), path, body string, status int, want string) {
	t.Helper()
	resp, said := send(path, body)
	if resp.StatusCode != status || said != want {
		t.Errorf("%s %.80s: answered %s %s, want %d %s", path, body, resp.Status, said, status, want)
	}
	headers := map[string]string{
		"Content-Type": "application/json", "Strict-Transport-Security": "max-age=63072000; includeSubDomains", "X-Content-Type-Options": "nosniff",
		"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After",
	}
	if status == 429 {
		headers["Retry-After"] = "300"
	}
	for name, want := range headers {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s %d: %s is %q, want %q", path, status, name, got, want)
		}
	}
}
