package edge_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/local/edge"
	"github.com/expenzez/infrastructure/local/webacl"
	"github.com/expenzez/infrastructure/local/webacl/crs"
)

// TestMain turns off CDK's own template validator, which takes seconds per synth.
func TestMain(m *testing.M) {
	os.Setenv("CDK_APP_MODE", "inmemory")
	os.Setenv("CDK_VALIDATION", "false")
	os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,20")
	jsii.Close() // so that its Node.js process, not yet started, takes this environment
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// protectedTemplate returns a template with a distribution, and the distribution's id.
var protectedTemplate = sync.OnceValues(func() ([]byte, string) {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Edge"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String(constructs.EdgeRegion)},
	})
	constructs.NewWafProtectedApi(stack, "Edge", &constructs.WafProtectedApiProps{
		Name: "shop", OriginSecretName: "shop/origin", Api: constructs.ApiReference{Domain: "origin.example.com"}, ViewerCountry: true,
		Cors: constructs.EdgeCors{Origins: []string{"capacitor://localhost"}, Headers: []string{"authorization"}},
		Rules: constructs.WebACLRules{
			PerAddress: constructs.RateLimit{Requests: 1_000_000_000}, // for the benchmark
			PerPath:    []constructs.PathRate{{PathPrefix: "/auth/", Requests: 10, Window: time.Minute}},
			BodyLimits: []constructs.BodyLimit{{PathPrefix: "/ai/", AnyLength: true}},
		},
	})
	template := *assertions.Template_FromStack(stack, nil).ToJSON()
	text, err := json.Marshal(template)
	if err != nil {
		panic(err) // what was JSON encodes
	}
	for id, r := range template["Resources"].(map[string]any) {
		if r.(map[string]any)["Type"] == "AWS::CloudFront::Distribution" {
			return text, id
		}
	}
	return text, ""
})

var loadRules = sync.OnceValues(crs.New)

func distribution(t testing.TB) *edge.Distribution {
	t.Helper()
	return distributionWith(t, map[netip.Prefix]string{netip.MustParsePrefix("0.0.0.0/0"): "GB"})
}

func distributionWith(t testing.TB, countries map[netip.Prefix]string) *edge.Distribution {
	t.Helper()
	managed, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	template, id := protectedTemplate()
	d, err := edge.ReadDistribution(template, id, webacl.Options{Managed: managed, Countries: countries})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// protected starts an edge with a distribution before an engine that notes the request
// and answers.
func protected(t *testing.T, answer http.HandlerFunc) (url string, got *seen) {
	t.Helper()
	got = &seen{}
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*got = seen{r.Method, r.RequestURI, string(body), r.Host, r.Header.Clone()}
		answer(w, r)
	}))
	t.Cleanup(engine.Close)
	return serve(t, edge.Config{
		Engine: engine.URL, API: "1a2b3c4d", Distribution: distribution(t), Headers: map[string]string{"x-origin-secret": "s3cret"},
	}), got
}

var fromApp = http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Expenzez/1.4"}}

func TestDistribution_RefusedRequests_NeverReachTheAPI(t *testing.T) {
	url, got := protected(t, ok)
	for name, c := range map[string]struct{ path, body string }{
		"SQL injection":        {"/transactions", `{"description":"'; DROP TABLE Users; --","amount":100}`},
		"cross-site scripting": {"/transactions", `{"description":"<script>alert('xss')</script>","amount":100}`},
		"a body over 16 KB":    {"/transactions", `{"description":"` + strings.Repeat("a", 16384) + `"}`},
	} {
		resp := send(t, http.MethodPost, url+c.path, c.body, fromApp)
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != 400 || resp.Header.Get("Content-Type") != "application/json" ||
			string(body) != `{"error":{"code":"REQUEST_REFUSED","message":"The request was refused."}}` {
			t.Errorf("%s: answered %s %v %s", name, resp.Status, resp.Header, body)
		}
	}
	if got.method != "" {
		t.Errorf("the API got %+v", got)
	}
}

func TestDistribution_TooManyRequests_Answer429(t *testing.T) {
	url, _ := protected(t, ok)
	statuses := map[int]int{}
	var last *http.Response
	for range 14 {
		last = send(t, http.MethodPost, url+"/auth/login", `{}`, fromApp)
		statuses[last.StatusCode]++
	}
	if statuses[200] != 10 || statuses[429] != 4 || last.Header.Get("Retry-After") != "60" {
		t.Errorf("statuses %v, Retry-After %q", statuses, last.Header.Get("Retry-After"))
	}
}

func TestDistribution_AcceptedRequest_IsForwardedUnchanged(t *testing.T) {
	url, got := protected(t, ok)
	body := `{"context":"` + strings.Repeat("0123456789", 40_000) + `"}`
	resp := send(t, http.MethodPost, url+"/ai/insight?a=1", body, http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"Expenzez/1.4"}, "Authorization": {"Bearer token"},
		"X-Origin-Secret": {"forged"}, "X-Two": {"a", "b"}, "Cookie": {"a=1; b=2"},
		"X-Forwarded-For": {"203.0.113.9"}, "True-Client-Ip": {"203.0.113.9"},
	})
	if resp.StatusCode != 200 || got.body != body || got.uri != "/_aws/execute-api/1a2b3c4d/$default/ai/insight?a=1" ||
		got.header.Get("Authorization") != "Bearer token" || got.header.Get("Cookie") != "a=1; b=2" ||
		strings.Join(got.header["X-Two"], "|") != "a|b" || strings.Join(got.header["X-Origin-Secret"], "|") != "s3cret" ||
		got.header.Get("X-Forwarded-For") != "203.0.113.9, 127.0.0.1, "+edge.OriginAddress ||
		strings.Join(got.header["True-Client-Ip"], "|") != "127.0.0.1" {
		t.Errorf("answered %s; the API got %d bytes at %s with %v", resp.Status, len(got.body), got.uri, got.header)
	}
}

func TestDistribution_Responses_HaveSecurityHeaders(t *testing.T) {
	for _, status := range []int{200, 404, 500} {
		url, _ := protected(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Frame-Options", "SAMEORIGIN")
			w.Header().Set("Cache-Control", "private")
			w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
			w.WriteHeader(status)
		})
		resp := send(t, http.MethodGet, url+"/goals", "", fromApp)
		for name, want := range map[string]string{
			"Strict-Transport-Security": "max-age=63072000; includeSubDomains", "X-Content-Type-Options": "nosniff",
			"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "private",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Set-Cookie": "a=1|b=2",
		} {
			if got := strings.Join(resp.Header[http.CanonicalHeaderKey(name)], "|"); resp.StatusCode != status || got != want {
				t.Errorf("%s: %s is %q, want %q", resp.Status, name, got, want)
			}
		}
	}
}

// API Gateway's own responses have no header of these.
func TestDistribution_ResponseOfAPIGateway_HasSecurityHeaders(t *testing.T) {
	url, _ := protected(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	resp := send(t, http.MethodGet, url+"/profile", "", fromApp)
	for _, name := range []string{
		"Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy", "Cache-Control",
	} {
		if resp.StatusCode != http.StatusUnauthorized || resp.Header.Get(name) == "" {
			t.Errorf("%s lacks %s", resp.Status, name)
		}
	}
}

func TestDistribution_WebViewOrigin_IsAnsweredAtTheEdge(t *testing.T) {
	url, got := protected(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/missing") {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	preflight := http.Header{"Origin": {"capacitor://localhost"}, "Access-Control-Request-Method": {"POST"}, "User-Agent": {"WebView"}}
	resp := send(t, http.MethodOptions, url+"/goals", "", preflight)
	if resp.StatusCode != 204 || resp.Header.Get("Access-Control-Allow-Origin") != "capacitor://localhost" ||
		resp.Header.Get("Access-Control-Allow-Headers") != "authorization" || resp.Header.Get("X-Content-Type-Options") != "nosniff" || got.method != "" {
		t.Errorf("the preflight got %s %v; the API got %+v", resp.Status, resp.Header, got)
	}
	for path, want := range map[string]string{"/goals": "capacitor://localhost", "/missing": ""} {
		resp = send(t, http.MethodGet, url+path, "", preflight)
		if allowed := resp.Header.Get("Access-Control-Allow-Origin"); allowed != want {
			t.Errorf("%s allows %q, want %q", path, allowed, want)
		}
	}
	preflight.Set("Origin", "https://evil.example")
	if resp := send(t, http.MethodOptions, url+"/goals", "", preflight); resp.Header.Get("Access-Control-Allow-Origin") != "" || got.method != http.MethodOptions {
		t.Errorf("another origin got %s %v; the API got %+v", resp.Status, resp.Header, got)
	}
}

func TestReadDistribution_UnknownParts_AreRefused(t *testing.T) {
	template, id := protectedTemplate()
	changed := func(old, new string) []byte {
		if !strings.Contains(string(template), old) {
			t.Fatalf("the template has no %s", old)
		}
		return []byte(strings.ReplaceAll(string(template), old, new))
	}
	for name, c := range map[string]struct {
		template []byte
		says     string
	}{
		"no such distribution": {[]byte(`{}`), "is no AWS::CloudFront::Distribution"},
		"a statement":          {changed(`"SizeConstraintStatement"`, `"AsnMatchStatement"`), "AsnMatchStatement"},
		"no handler":           {changed("function handler", "function other"), "no function handler"},
		"a syntax error":       {changed("function handler(", "function handler(("), "SyntaxError"},
		"fewer headers":        {changed("allViewerAndWhitelistCloudFront", "allExcept"), "allExcept"},
		"another event":        {changed(`"viewer-request"`, `"origin-request"`), "unknown event"},
	} {
		if _, err := edge.ReadDistribution(c.template, id, webacl.Options{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// Run with: go test ./local/edge -run '^$' -bench .
func BenchmarkEdge(b *testing.B) {
	engine := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer engine.Close()
	var rows []string
	for i := range 1000 {
		rows = append(rows, fmt.Sprintf(`{"id":"0198c1f2-%d","date":"2026-03-01","amount":-12.5,"description":"Marks & Spencer, card %d","notes":"Receipt %d%s"}`,
			i, i, i, strings.Repeat(", weekly shop", 22)))
	}
	bodies := map[string]string{"small": `{"description":"Lunch with Sam","amount":100}`, "400 KB": `{"context":[` + strings.Join(rows, ",") + `]}`}
	slog.SetLogLoggerLevel(slog.LevelError)
	defer slog.SetLogLoggerLevel(slog.LevelInfo)
	for name, d := range map[string]*edge.Distribution{"with WAF": distribution(b), "without WAF": nil} {
		handler, err := edge.New(edge.Config{Engine: engine.URL, API: "1a2b3c4d", Distribution: d})
		if err != nil {
			b.Fatal(err)
		}
		server := httptest.NewServer(handler)
		for size, body := range bodies {
			b.Run(size+" "+name, func(b *testing.B) {
				for b.Loop() {
					req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, server.URL+"/ai/insight", strings.NewReader(body))
					if err != nil {
						b.Fatal(err)
					}
					req.Header = fromApp.Clone()
					resp, err := client.RoundTrip(req)
					if err != nil {
						b.Fatal(err)
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					if resp.StatusCode != http.StatusOK {
						b.Fatal(resp.Status)
					}
				}
			})
		}
		server.Close()
	}
}

// forged are headers of clients that name a country.
var forged = []http.Header{nil, {"Cloudfront-Viewer-Country": {"FR"}}, {"Cloudfront-Viewer-Country": {"FR", "DE"}}}

func TestDistribution_ViewerCountry_IsTheEdges(t *testing.T) {
	url, got := protected(t, func(http.ResponseWriter, *http.Request) {})
	for _, sent := range forged {
		send(t, http.MethodGet, url+"/goals", "", withHeaders(sent))
		if country := got.header["Cloudfront-Viewer-Country"]; len(country) != 1 || country[0] != "GB" {
			t.Errorf("with %v the API got the country %q", sent, country)
		}
		if got.host != "origin.example.com" {
			t.Errorf("the API got the host %s", got.host)
		}
	}
}

func TestDistribution_UnknownCountry_IsNotTheClients(t *testing.T) {
	var got http.Header
	engine := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	t.Cleanup(engine.Close)
	url := serve(t, edge.Config{Engine: engine.URL, API: "1a2b3c4d", Distribution: distributionWith(t, nil)})
	for _, sent := range forged {
		send(t, http.MethodGet, url+"/goals", "", withHeaders(sent))
		if country, is := got["Cloudfront-Viewer-Country"]; is || got == nil {
			t.Errorf("with %v the API got the country %q", sent, country)
		}
	}
}

// withHeaders returns the headers of the app with others.
func withHeaders(others http.Header) http.Header {
	all := fromApp.Clone()
	for name, values := range others {
		all[name] = values
	}
	return all
}
