package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/test/fakes"
)

// serve starts all services and returns a call to them, which sends a key that
// they accept and returns status and body.
func serve(t *testing.T) func(method, path, body string) string {
	t.Helper()
	url := fakes.Serve(t, app{appleClientID: "app", googleClientID: "web", openAIKey: "key", revenueCatKey: "key", sentryKey: "key", expoToken: "key"}.handler())
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

func TestServices_AnswerBelowTheirNames(t *testing.T) {
	call := serve(t)
	for _, step := range []struct{ method, path, body, want string }{
		{"GET", "/apple/auth/keys", "", `"kty":"RSA"`},
		{"GET", "/-/apple/revoked", "", `[]`},
		{"POST", "/-/apple/sign-in?subject=001", `{"nonce":"n1"}`, `"authorizationCode":"c`},
		{"POST", "/apple/auth/token", "", `invalid_client`},
		{"GET", "/google/oauth2/v3/certs", "", `"alg":"RS256"`},
		{"POST", "/-/google/sign-in?subject=108", "", `"idToken":"ey`},
		{"PUT", "/-/openai/answer", `{"Text":"Save more."}`, `200`},
		{"POST", "/openai/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":"Tip?"}]}`, `"content":"Save more."`},
		{"PUT", "/-/revenuecat/customers", `{"id":"u1","entitlements":[{"id":"entl1","expires_at":1893456000000}]}`, `200`},
		{"GET", "/revenuecat/v2/projects/proj1ab2c3d4/customers/u1/active_entitlements", "", `"expires_at":1893456000000`},
		{"POST", "/expo/--/api/v2/push/send", `[{"to":"ExponentPushToken[a]","title":"T","body":"B"}]`, `"status":"ok"`},
		{"GET", "/-/expo/messages", "", `"to":"ExponentPushToken[a]"`},
		{"PUT", "/-/expo/uninstalled?token=x", "", `200`},
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

func TestHandler_ControlEndpoints_AreInPackageComment(t *testing.T) {
	source, err := os.ReadFile("handler.go")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	comment := strings.Join(strings.Fields(string(doc)), " ")
	endpoints := regexp.MustCompile(`"([A-Z]+ /-/[^"]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(endpoints) < 10 {
		t.Errorf("found %d endpoints", len(endpoints))
	}
	for _, endpoint := range endpoints {
		if !strings.Contains(comment, "// "+endpoint[1]) {
			t.Errorf("doc.go lacks %s", endpoint[1])
		}
	}
}

func TestFaults_AffectOneServiceUntilCleared(t *testing.T) {
	call := serve(t)
	call("PUT", "/-/faults/apple?fault=500", "")
	broken, other := call("GET", "/apple/auth/keys", ""), call("GET", "/google/oauth2/v3/certs", "")
	call("PUT", "/-/faults/apple?fault=", "")
	patched := call("GET", "/apple/auth/keys", "")
	if broken != `500 {"error":"server_error"}` || !strings.HasPrefix(other, "200") || !strings.HasPrefix(patched, "200") {
		t.Errorf("got %q, %q, %q", broken, other, patched)
	}
}

func TestServices_ListsBaseURLs(t *testing.T) {
	call := serve(t)
	var urls map[string]string
	answer, _ := strings.CutPrefix(call("GET", "/-/services", ""), "200 ")
	if err := json.Unmarshal([]byte(answer), &urls); err != nil {
		t.Fatal(err)
	}
	for service, path := range map[string]string{"apple": "/apple", "google": "/google", "openai": "/openai/v1", "revenuecat": "/revenuecat/v2", "expo": "/expo/--/api/v2"} {
		if base, _ := strings.CutSuffix(urls[service], path); !strings.HasPrefix(base, "http://127.0.0.1:") {
			t.Errorf("%s is at %q", service, urls[service])
		}
	}
}

func TestSecrets_HaveAllKeys(t *testing.T) {
	served := newApp().secrets("PEM", "dsn")
	for _, secret := range secrets.All() {
		if secret == secrets.JWT || secret == secrets.Cognito { // of the backend's own, and of its user pool
			continue
		}
		var keys []string
		for key, value := range served[secret.Name] {
			if keys = append(keys, key); value == "" {
				t.Errorf("%s of %s is empty", key, secret.Name)
			}
		}
		slices.Sort(keys)
		if want := slices.Sorted(slices.Values(secret.Keys)); !slices.Equal(keys, want) {
			t.Errorf("%s has the keys %v, want %v", secret.Name, keys, want)
		}
	}
}

func TestNewApp_MakesNewKeys(t *testing.T) {
	if one, two := newApp(), newApp(); one.openAIKey == two.openAIKey || one.revenueCatKey == two.revenueCatKey {
		t.Error("two starts have the same keys")
	}
}

func TestRun_PublicAddress_IsRefused(t *testing.T) {
	if err := run([]string{"-listen", "0.0.0.0:0"}); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("got %v", err)
	}
}
