package e2e_test

import (
	"net/http"
	"strings"
	"testing"
)

func badInput(t *testing.T) {
	token, _ := newcomer(t, "barbara").signIn(t).body["accessToken"].(string)
	for name, body := range map[string]string{
		"malformed JSON": `{"username":`,
		"wrong types":    `{"username":1,"password":{},"refreshToken":[],"code":true,"firstName":5}`,
		"not an object":  `"text"`,
		"one megabyte":   `{"username":"` + strings.Repeat("a", 1<<20) + `"}`,
	} {
		for _, path := range []string{"/auth/register", "/auth/login", "/auth/refresh", "/auth/confirm-signup", "/auth/resend-verification"} {
			got := call(t, "POST", path, "", body)
			if got.status != http.StatusBadRequest || got.body["message"] == "" {
				t.Errorf("%s: %s answered %d %s", name, path, got.status, got.text)
			}
		}
		if got := call(t, "PUT", "/profile", token, body); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: PUT /profile answered %d %s", name, got.status, got.text)
		}
	}
	for _, path := range []string{"/auth/register", "/auth/login", "/auth/refresh", "/auth/confirm-signup", "/auth/resend-verification"} {
		call(t, "POST", path, "", map[string]any{}).is(t, http.StatusBadRequest, "InvalidParameterException", "")
	}
	invalid := person{username: "linus", email: "not an address", password: "Correct-horse-1"}
	call(t, "POST", "/auth/register", "", invalid.form()).is(t, http.StatusBadRequest, "InvalidParameterException", "The email is not valid.")
	nowhere, _ := send(t, "GET", "/no/such/route", "", nil)
	if detail, _ := nowhere.body["error"].(map[string]any); nowhere.status != http.StatusNotFound || detail["code"] != "NOT_FOUND" {
		t.Errorf("an unknown route answered %d %s", nowhere.status, nowhere.text)
	}
}

func badTokens(t *testing.T) {
	session := newcomer(t, "donald").signIn(t)
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
			got, _ := send(t, method, "/profile", token, map[string]any{"city": "Nowhere"})
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
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, stage.URL()+"/profile", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Origin", origin)
		request.Header.Set("Access-Control-Request-Method", "PUT")
		request.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
		response, err := httpClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		header := response.Header
		if got := header.Get("Access-Control-Allow-Origin"); (got == origin) != allowed || got == "*" {
			t.Errorf("%s: the allowed origin is %q (status %d)", origin, got, response.StatusCode)
		}
		if allowed && (header.Get("Access-Control-Allow-Credentials") != "true" || header.Get("Access-Control-Max-Age") != "300") {
			t.Errorf("%s: the headers are %v", origin, header)
		}
	}
}
