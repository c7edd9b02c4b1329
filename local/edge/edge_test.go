package edge_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/local/edge"
)

// seen is what the API got of a request.
type seen struct {
	method, uri, body, host string
	header                  http.Header
}

// front starts an edge before an engine that notes the request and answers.
func front(t *testing.T, answer http.HandlerFunc) (url string, got *seen) {
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
	return serve(t, edge.Config{Engine: engine.URL, API: "1a2b3c4d"}), got
}

func serve(t *testing.T, c edge.Config) string {
	t.Helper()
	handler, err := edge.New(c)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func ok(http.ResponseWriter, *http.Request) {}

// client follows no redirects and asks for no compression by itself.
var client = &http.Transport{DisableCompression: true}

func send(t *testing.T, method, url, body string, header http.Header) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := client.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func TestEdge_Paths_AreForwardedUnchanged(t *testing.T) {
	url, got := front(t, ok)
	for sent, want := range map[string]string{
		"":                         "/",
		"/health":                  "/health",
		"/goals/%2e%2e%2Fadmin":    "/goals/%2e%2e%2Fadmin",
		"//double":                 "//double",
		"/a?q=1;2&x=%zz&empty":     "/a?q=1;2&x=%zz&empty",
		"/caf%C3%A9":               "/caf%C3%A9",
		"/_ministack/reset?really": "/_ministack/reset?really",
	} {
		send(t, http.MethodGet, url+sent, "", nil)
		if prefixed := "/_aws/execute-api/1a2b3c4d/$default" + want; got.uri != prefixed {
			t.Errorf("%q reached the engine as %q, want %q", sent, got.uri, prefixed)
		}
	}
}

func TestEdge_ForwardedHeaders_NameTheConnectionsAddress(t *testing.T) {
	url, got := front(t, ok)
	send(t, http.MethodGet, url, "", http.Header{
		"X-Forwarded-For": {"203.0.113.9, 198.51.100.1"}, "X-Forwarded-Host": {"evil.example"},
		"X-Forwarded-Proto": {"gopher"}, "Forwarded": {"for=203.0.113.9"},
	})
	for name, want := range map[string]string{
		"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": strings.TrimPrefix(url, "http://"),
		"X-Forwarded-Proto": "http", "Forwarded": "", "Accept-Encoding": "",
	} {
		if value := strings.Join(got.header[name], "|"); value != want {
			t.Errorf("%s reached the API as %q, want %q", name, value, want)
		}
	}
}

func TestEdge_RequestsAndResponses_AreForwardedUnchanged(t *testing.T) {
	packed := "\x1f\x8b\x08not really gzip"
	url, got := front(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Location", "/elsewhere")
		w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
		w.WriteHeader(http.StatusFound)
		_, _ = io.WriteString(w, packed)
	})
	body := strings.Repeat("0123456789", 200_000)
	resp := send(t, http.MethodPatch, url+"/goals/1", body, http.Header{
		"Authorization": {"Bearer token"}, "Content-Type": {"text/odd"}, "Accept-Encoding": {"br"},
	})
	if got.method != http.MethodPatch || got.body != body || got.header.Get("Authorization") != "Bearer token" ||
		got.header.Get("Content-Type") != "text/odd" || got.header.Get("Accept-Encoding") != "br" {
		t.Errorf("the API got %s with %d bytes and %v", got.method, len(got.body), got.header)
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusFound || string(answer) != packed || resp.Header.Get("Location") != "/elsewhere" ||
		len(resp.Header["Set-Cookie"]) != 2 || resp.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("the client got %s %q %v", resp.Status, answer, resp.Header)
	}
}

func TestEdge_EngineGone_Answers502(t *testing.T) {
	closed := httptest.NewServer(http.HandlerFunc(ok))
	closed.Close()
	requireFailure(t, serve(t, edge.Config{Engine: closed.URL, API: "a"}), http.StatusBadGateway, "BAD_GATEWAY")
}

func TestEdge_EngineTooSlow_Answers504(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer slow.Close()
	defer close(release)
	url := serve(t, edge.Config{Engine: slow.URL, API: "a", Timeout: 20 * time.Millisecond})
	requireFailure(t, url, http.StatusGatewayTimeout, "GATEWAY_TIMEOUT")
}

func requireFailure(t *testing.T, url string, status int, code string) {
	t.Helper()
	resp := send(t, http.MethodGet, url+"/goals", "", nil)
	var body struct {
		Error struct{ Code, Message string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status || body.Error.Code != code || body.Error.Message == "" || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("answered %s %+v %v", resp.Status, body, resp.Header)
	}
}

func TestNew_InvalidConfig_IsRefused(t *testing.T) {
	for name, c := range map[string]edge.Config{
		"no engine": {API: "a"}, "no scheme": {Engine: "127.0.0.1:1", API: "a"}, "TLS": {Engine: "https://x", API: "a"},
		"no API": {Engine: "http://x"}, "an API with a path": {Engine: "http://x", API: "a/../b"},
	} {
		if _, err := edge.New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestEdge_CustomDomain_IsSentAsHost(t *testing.T) {
	var host string
	engine := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { host = r.Host }))
	t.Cleanup(engine.Close)
	send(t, http.MethodGet, serve(t, edge.Config{Engine: engine.URL, API: "1a2b3c4d", Host: "origin-api.example.com"}), "", nil)
	if host != "origin-api.example.com" {
		t.Errorf("the host is %q", host)
	}
}

func TestEdge_OriginHeaders_ReplaceTheClients(t *testing.T) {
	var got http.Header
	engine := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() }))
	t.Cleanup(engine.Close)
	url := serve(t, edge.Config{Engine: engine.URL, API: "1a2b3c4d", Headers: map[string]string{"x-origin-secret": "true"}})
	send(t, http.MethodGet, url, "", http.Header{"X-Origin-Secret": {"forged"}})
	if values := got.Values("X-Origin-Secret"); len(values) != 1 || values[0] != "true" {
		t.Errorf("the API got %v", values)
	}
}
