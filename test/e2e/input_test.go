package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/test/contract"
)

// badInput sends bodies that the app never sends to every operation that reads a body.
func badInput(t *testing.T) {
	signedIn, _ := newUser(t, "barbara").signIn(t).body["accessToken"].(string)
	for _, operation := range client.Operations() {
		if !operation.Implemented() || !operation.TakesBody() {
			continue
		}
		token, want := signedIn, http.StatusUnprocessableEntity
		if operation.Public {
			token = ""
		}
		if strings.HasPrefix(operation.Example(), "/auth/") {
			want = http.StatusBadRequest
		}
		bodies := map[string]any{
			"malformed JSON": `{"username":`,
			"not an object":  `"text"`,
			"wrong types":    wrongTypes(operation),
			"no UTF-8":       "{\"username\":\"\xff\xfe\"}",
		}
		// The edge refuses long bodies, except where the app sends histories. There the
		// function does.
		megabyte := `{"username":"` + strings.Repeat("a", 1<<20) + `"}`
		if path := operation.Example(); strings.HasPrefix(path, "/transactions/") || strings.HasPrefix(path, "/ai/") {
			bodies["one megabyte"] = megabyte
		} else if got, _ := send(t, operation.Method(), operation.Example(), token, megabyte); !got.isRefused() {
			t.Errorf("one megabyte: %s answered %d %s", operation.Key, got.status, got.text)
		}
		if operation.Public { // elsewhere every property is optional
			bodies["nothing"] = map[string]any{}
		}
		for name, body := range bodies {
			got := call(t, operation.Method(), operation.Example(), token, body)
			if got.status != want || got.body["message"] == "" {
				t.Errorf("%s: %s answered %d %s", name, operation.Key, got.status, got.text)
			}
		}
	}
	_, healthy := send(t, "GET", "/health", "", nil)
	hasSecurityHeaders(t, healthy)
	_, withoutToken := send(t, "GET", "/profile", "", nil) // answered by API Gateway itself
	hasSecurityHeaders(t, withoutToken)
	invalid := person{username: "linus", email: "not an address", password: "Correct-horse-1"}
	call(t, "POST", "/auth/register", "", invalid.form()).is(t, http.StatusBadRequest, "InvalidParameterException", "The email is not valid.")
	nowhere, headers := send(t, "GET", "/no/such/route", "", nil)
	hasSecurityHeaders(t, headers)
	if detail, _ := nowhere.body["error"].(map[string]any); nowhere.status != http.StatusNotFound || detail["code"] != "NOT_FOUND" {
		t.Errorf("an unknown route answered %d %s", nowhere.status, nowhere.text)
	}
}

// hasSecurityHeaders checks the security headers that every response behind the edge has.
func hasSecurityHeaders(t *testing.T, headers http.Header) {
	t.Helper()
	for _, name := range []string{"Strict-Transport-Security", "X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy", "X-Frame-Options"} {
		if headers.Get(name) == "" {
			t.Errorf("the response has no %s", name)
		}
	}
	if headers.Get("Cache-Control") != "no-store" {
		t.Errorf("the response may be kept: Cache-Control is %q", headers.Get("Cache-Control"))
	}
}

// wrongTypes returns a body with a list of lists for each property. No property has
// this type.
func wrongTypes(operation contract.Operation) map[string]any {
	valid, _ := operation.Bodies()
	wrong := map[string]any{}
	everything, _ := valid[0].Value.(map[string]any)
	for property := range everything {
		wrong[property] = [][]string{{"?"}}
	}
	return wrong
}

func badTokens(t *testing.T) {
	session := newUser(t, "donald").signIn(t)
	access, _ := session.body["accessToken"].(string)
	identity, _ := session.body["idToken"].(string)
	parts := strings.Split(access, ".")
	for name, token := range map[string]string{
		"none":              "",
		"no JWT":            "garbage",
		"a wrong signature": parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])),
		"no signature":      parts[0] + "." + parts[1] + ".",
		"an ID token":       identity,
	} {
		for _, method := range []string{"GET", "PUT"} {
			got := call(t, method, "/profile", token, map[string]any{"city": "Nowhere"})
			if got.status != http.StatusUnauthorized {
				t.Errorf("%s with %s answered %d %s", method, name, got.status, got.text)
			}
		}
	}
}

func browsers(t *testing.T) {
	for origin, allowed := range map[string]bool{
		"https://app.expenzez.com": true,
		"https://expenzez.com":     true,
		"https://evil.example":     false,
		"http://app.expenzez.com":  false,
		"capacitor://localhost":    true,
		"ionic://localhost":        true,
		"ionic://localhost:80":     false,
		"capacitor://evil.example": false,
	} {
		response := preflight(t, "/profile", origin)
		header := response.header
		if got := header.Get("Access-Control-Allow-Origin"); (got == origin) != allowed || got == "*" {
			t.Errorf("%s: the allowed origin is %q (status %d)", origin, got, response.status)
		}
		if allowed && (header.Get("Access-Control-Allow-Credentials") != "true" || header.Get("Access-Control-Max-Age") != "300") {
			t.Errorf("%s: the headers are %v", origin, header)
		}
		read := fromPage(t, http.MethodGet, "/health", origin)
		if got := read.header.Get("Access-Control-Allow-Origin"); (got == origin) != allowed || got == "*" {
			t.Errorf("%s: a response allows the origin %q", origin, got)
		}
	}
}
