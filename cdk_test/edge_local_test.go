package cdk_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/local/edge"
	"github.com/expenzez/infrastructure/local/webacl"
	"github.com/expenzez/infrastructure/local/webacl/crs"
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

		for name, c := range map[string]struct {
			path, body string
			status     int
		}{
			"an ordinary request":   {"/goals", `{"name":"Holiday"}`, 200},
			"an honest semicolon":   {"/transactions", `{"description":"Marks & Spencer; select items"}`, 200},
			"a context of 400 KB":   {"/ai/insight", `{"context":"` + strings.Repeat("weekly shop, ", 31_000) + `"}`, 200},
			"SQL injection":         {"/transactions", `{"description":"'; DROP TABLE Users; --","amount":100}`, 400},
			"cross-site scripting":  {"/transactions", `{"description":"<script>alert('xss')</script>","amount":100}`, 400},
			"a long body elsewhere": {"/goals", `{"name":"` + strings.Repeat("a", 65_536) + `"}`, 400},
		} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Expenzez/1.4"}, "True-Client-Ip": {"203.0.113.9"}}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != c.status {
				t.Errorf("%s: answered %s %s, want %d", name, resp.Status, body, c.status)
			}
		}
		if ip := got.Values("True-Client-Ip"); len(ip) != 1 || ip[0] != "127.0.0.1" {
			t.Errorf("the API is told that the client's address is %q", ip)
		}
	})
}
