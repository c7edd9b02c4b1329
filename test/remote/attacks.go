package remote

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// isHiddenFrom makes a transaction and a goal, and has the other user try every operation
// on their ids: each is answered like an id that does not exist.
func (u *User) isHiddenFrom(t *testing.T, other *User) {
	day := time.Now().UTC().Format(time.DateOnly) + "T00:00:00.000Z"
	row := field(u.does(t, "POST", "/transactions", transaction(day)).Body, "transaction", "id")
	aim := field(u.does(t, "POST", "/goals", goal(time.Now().UTC())).Body, "goal", "goalId")
	if row == "" || aim == "" {
		t.Fatal("the responses have no ids")
	}
	edit := transaction(day)
	for _, name := range []string{"currency", "accountId", "bankName", "accountType"} {
		delete(edit, name)
	}
	edit["excludeFromSpend"] = false
	for _, try := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/transactions/" + row, nil},
		{"PUT", "/transactions/" + row, edit},
		{"DELETE", "/transactions/" + row, nil},
		{"PUT", "/goals/" + aim, map[string]any{"title": "Mine"}},
		{"DELETE", "/goals/" + aim, nil},
		{"DELETE", "/goals/" + u.ID + "/" + aim, nil},
	} {
		if got := other.call(t, try.method, try.path, try.body); got.Status != http.StatusNotFound {
			t.Errorf("another user's %s %s answered %d %s", try.method, try.path, got.Status, got.Text)
		}
	}
	for _, list := range []string{"/transactions?limit=50", "/goals"} {
		if text := other.does(t, "GET", list, nil).Text; strings.Contains(text, row) || strings.Contains(text, aim) {
			t.Errorf("%s of another user has the owner's ids", list)
		}
		if text := u.does(t, "GET", list, nil).Text; !strings.Contains(text, row) && !strings.Contains(text, aim) {
			t.Errorf("%s of the owner lacks the owner's ids: %s", list, text)
		}
	}
}

func field(body map[string]any, object, name string) string {
	inner, _ := body[object].(map[string]any)
	value, _ := inner[name].(string)
	return value
}

// forgesTokens sends tokens as an attacker with an account can make them.
func (u *User) forgesTokens(t *testing.T) {
	header, rest, _ := strings.Cut(u.Token, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	for name, token := range map[string]string{
		"another signature": header + "." + claims + "." + strings.Repeat("A", len(signature)),
		"no signature":      header + "." + claims + ".",
		"no algorithm":      unsigned + "." + claims + ".",
		"other claims":      header + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"`+u.ID+`","token_use":"access"}`)) + "." + signature,
		"an ID token":       u.identity,
	} {
		if got := u.target.Call(t, "GET", "/profile", token, nil); got.Status != http.StatusUnauthorized {
			t.Errorf("%s: answered %d %s", name, got.Status, got.Text)
		}
	}
}

// sendsAttacks sends what AWS WAF must refuse before any function runs.
func (u *User) sendsAttacks(t *testing.T) {
	for name, c := range map[string]struct{ method, path, body string }{
		"SQL injection":        {"POST", "/transactions", `{"description":"'; DROP TABLE Users; --","amount":100}`},
		"cross-site scripting": {"POST", "/transactions", `{"description":"<script>alert('xss')</script>","amount":100}`},
		"a body over 64 KB":    {"POST", "/goals", `{"title":"` + strings.Repeat("a", 65536) + `"}`},
	} {
		got := u.target.Send(t, c.method, c.path, u.Token, c.body)
		if detail, _ := got.Body["error"].(map[string]any); got.Status != http.StatusBadRequest || detail["code"] != "REQUEST_REFUSED" {
			t.Errorf("%s answered %d %s", name, got.Status, got.Text)
		}
	}
}

// isGuessed sends wrong passwords for a user who exists and for one who does not, and a
// wrong PIN. The responses tell an attacker nothing.
func (u *User) isGuessed(t *testing.T) {
	login := func(username string) string {
		got := u.target.Call(t, "POST", "/auth/login", "", map[string]any{"username": username, "password": "Wrong-horse-1"})
		got.Is(t, http.StatusUnauthorized, "", "")
		delete(got.Body, "requestId")
		delete(got.Body, "timestamp")
		return fmt.Sprint(got.Body)
	}
	if known, unknown := login(u.Username), login(u.Username+".x"); known != unknown {
		t.Errorf("a known user gets %s, an unknown one %s", known, unknown)
	}
	got := u.does(t, "POST", "/security/validate-pin", map[string]any{"pin": "48152", "deviceId": "ios__" + u.Username})
	if got.Body["success"] != false {
		t.Errorf("a wrong PIN answered %s", got.Text)
	}
	if got := u.target.Call(t, "POST", "/auth/refresh", "", map[string]any{"refreshToken": "no-such-token"}); got.Status != http.StatusUnauthorized {
		t.Errorf("an unknown refresh token answered %d %s", got.Status, got.Text)
	}
}

// maxRequests is more than any user may send in a minute to the operation with the
// smallest limit (docs/attempts.md).
const maxRequests = 40

// sendsTooMany sends empty imports until the user's limit answers, in the contract's form.
func (u *User) sendsTooMany(t *testing.T) {
	for range maxRequests {
		got := u.call(t, "POST", "/transactions/import-csv", map[string]any{})
		if got.Status == http.StatusTooManyRequests {
			if got.Header.Get("Retry-After") == "" {
				t.Error("the refusal does not say when to try again")
			}
			return
		}
		got.Is(t, http.StatusUnprocessableEntity, "", "")
	}
	t.Errorf("%d requests within a minute met no limit", maxRequests)
}
