package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/test/fakes"
)

// serve starts all services and returns a call to them, which sends a key that
// they accept and returns status and body.
func serve(t *testing.T) func(method, path, body string) string {
	t.Helper()
	url := fakes.Serve(t, app{appleClientID: "app", googleClientID: "web", openAIKey: "key", revenueCatKey: "key", sentryKey: "key"}.handler())
	return func(method, path, body string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer key")
		response, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(response.StatusCode, " ", string(text))
	}
}

func TestEveryServiceAnswersBelowItsName(t *testing.T) {
	call := serve(t)
	for _, step := range []struct{ method, path, body, want string }{
		{"GET", "/apple/auth/keys", "", `"kty":"RSA"`},
		{"GET", "/-/apple/credentials", "", `BEGIN PRIVATE KEY`},
		{"POST", "/-/apple/sign-in?subject=001", `{"nonce":"n1"}`, `"authorizationCode":"c`},
		{"POST", "/apple/auth/token", "", `invalid_client`},
		{"GET", "/google/oauth2/v3/certs", "", `"alg":"RS256"`},
		{"POST", "/-/google/sign-in?subject=108", "", `"idToken":"ey`},
		{"PUT", "/-/openai/answer", `{"Text":"Save more."}`, `200`},
		{"POST", "/openai/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":"Tip?"}]}`, `"content":"Save more."`},
		{"PUT", "/-/revenuecat/customers", `{"id":"u1","entitlements":[{"id":"entl1","expires_at":1893456000000}]}`, `200`},
		{"GET", "/revenuecat/v2/projects/proj1ab2c3d4/customers/u1/active_entitlements", "", `"expires_at":1893456000000`},
		{"POST", "/sentry/api/4501/envelope/", "", `{"detail":"event submission rejected`},
		{"GET", "/-/sentry/events", "", `200 []`},
		{"PUT", "/-/openai/answer", `{`, `400`},
		{"PUT", "/-/faults/nobody?fault=500", "", `404`},
	} {
		if got := call(step.method, step.path, step.body); !strings.Contains(got, step.want) {
			t.Errorf("%s %s: got %q, want %q in it", step.method, step.path, got, step.want)
		}
	}
}

func TestAFaultIsOneServicesAndCanBeEnded(t *testing.T) {
	call := serve(t)
	call("PUT", "/-/faults/apple?fault=500", "")
	broken, other := call("GET", "/apple/auth/keys", ""), call("GET", "/google/oauth2/v3/certs", "")
	call("PUT", "/-/faults/apple?fault=", "")
	mended := call("GET", "/apple/auth/keys", "")
	if broken != `500 {"error":"server_error"}` || !strings.HasPrefix(other, "200") || !strings.HasPrefix(mended, "200") {
		t.Errorf("got %q, %q, %q", broken, other, mended)
	}
}

func TestOnlyLoopbackIsServed(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := run(ctx, []string{"-addr", "0.0.0.0:0"}); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("got %v", err)
	}
	if err := run(ctx, []string{"-addr", "127.0.0.1:0"}); err != nil {
		t.Errorf("loopback: %v", err)
	}
}
