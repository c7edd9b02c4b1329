package e2e_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

func signUpAndUse(t *testing.T) {
	call(t, "GET", "/health", "", nil).is(t, http.StatusOK, "", "")

	ada := person{username: "ada", email: "Ada@Example.com", password: "Correct-horse-1"}
	registered := call(t, "POST", "/auth/register", "", ada.form())
	registered.is(t, http.StatusOK, "", "User registered successfully!")
	userID, _ := registered.body["cognitoUserSub"].(string)

	early := call(t, "POST", "/auth/login", "", map[string]any{"email": ada.email, "password": ada.password})
	early.is(t, http.StatusForbidden, "UserNotConfirmedException", "")

	wrong := call(t, "POST", "/auth/confirm-signup", "", map[string]any{"username": "ada", "code": "000000"})
	wrong.is(t, http.StatusBadRequest, "CodeMismatchException", "")
	if !strings.Contains(wrong.text, "Invalid verification code") {
		t.Errorf("the app does not know %s", wrong.text)
	}
	call(t, "POST", "/auth/resend-verification", "", map[string]any{"email": "ada@example.com"}).is(t, http.StatusOK, "", "")
	call(t, "POST", "/auth/confirm-signup", "", map[string]any{"username": "ada@example.com", "code": confirmationCode}).is(t, http.StatusOK, "", "")
	again := call(t, "POST", "/auth/confirm-signup", "", map[string]any{"username": "ada", "code": confirmationCode})
	if again.status < 400 || !strings.Contains(again.text, "already confirmed") {
		t.Errorf("confirming twice answered %d %s", again.status, again.text)
	}

	session := call(t, "POST", "/auth/login", "", map[string]any{"email": "ada@example.com", "password": ada.password})
	session.is(t, http.StatusOK, "", "")
	user, _ := session.body["user"].(map[string]any)
	if user["id"] != userID || user["userId"] != userID || user["sub"] != userID || user["email"] != ada.email {
		t.Errorf("the user is %v", user)
	}
	token, _ := session.body["accessToken"].(string)
	profile := call(t, "GET", "/profile", token, nil)
	profile.is(t, http.StatusOK, "", "")
	got, _ := profile.body["profile"].(map[string]any)
	for field, want := range map[string]any{
		"firstName": "Ada", "lastName": "Lovelace", "email": ada.email, "phone": "+442079460000",
		"birthdate": "12/10/1985", "gender": "female", "address": "12 St James's Square, London, SW1Y 4LB, UK",
	} {
		if got[field] != want {
			t.Errorf("%s is %v, not %v", field, got[field], want)
		}
	}

	// The app keeps its first refresh token, so the token must work more than once.
	for range 2 {
		renewed := call(t, "POST", "/auth/refresh", "", map[string]any{"refreshToken": session.body["refreshToken"]})
		renewed.is(t, http.StatusOK, "", "")
		fresh, _ := renewed.body["accessToken"].(string)
		call(t, "GET", "/profile", fresh, nil).is(t, http.StatusOK, "", "")
	}
}

// coldStart repeats the app's calls after a logout and a login. The app has no stored
// user then and builds one from the renewal's response.
func coldStart(t *testing.T) {
	session := newUser(t, "fran.bilas").signIn(t)
	_, refreshToken := tokensOf(session)
	renewed := renew(t, refreshToken)
	renewed.is(t, http.StatusOK, "", "")
	if !reflect.DeepEqual(renewed.body["user"], session.body["user"]) {
		t.Errorf("the user of the renewal is %v, that of the sign-in %v", renewed.body["user"], session.body["user"])
	}
	for i, burst := range inParallel(t, "POST", "/auth/refresh", slices.Repeat([]any{map[string]any{"refreshToken": refreshToken}}, 15)...) {
		if burst.status != http.StatusOK {
			t.Errorf("request %d of the burst answered %d %s", i+1, burst.status, burst.text)
		}
	}
}

func registrationRefuses(t *testing.T) {
	grace := newUser(t, "grace")

	taken := grace
	taken.username = "grace.two"
	call(t, "POST", "/auth/register", "", taken.form()).is(t, http.StatusConflict, "EmailExistsException", "")
	taken.email = "GRACE@EXAMPLE.COM"
	call(t, "POST", "/auth/register", "", taken.form()).is(t, http.StatusConflict, "EmailExistsException", "")

	taken = grace
	taken.email = "grace.two@example.com"
	call(t, "POST", "/auth/register", "", taken.form()).is(t, http.StatusConflict, "UsernameExistsException", "")
	weak := person{username: "grace.two", email: "grace.two@example.com", password: "only-lower-case"}
	call(t, "POST", "/auth/register", "", weak.form()).is(t, http.StatusBadRequest, "InvalidPasswordException", "")
	// Both refused registrations released the address.
	newUser(t, "grace.two")
}

func signIn(t *testing.T) {
	alan := newUser(t, "alan")
	for name, in := range map[string]map[string]any{
		"username":             {"username": "alan"},
		"e-mail":               {"email": "alan@example.com"},
		"username in email":    {"email": "alan"},
		"e-mail in other case": {"email": "ALAN@example.com"},
	} {
		in["password"] = alan.password
		if got := call(t, "POST", "/auth/login", "", in); got.status != http.StatusOK {
			t.Errorf("%s: answered %d %s", name, got.status, got.text)
		}
	}
	const refused = "Incorrect username or password."
	for _, in := range []map[string]any{
		{"username": "alan", "password": "wrong"},
		{"username": "nobody", "password": alan.password},
		{"email": "nobody@example.com", "password": alan.password},
	} {
		call(t, "POST", "/auth/login", "", in).is(t, http.StatusUnauthorized, "NotAuthorizedException", refused)
	}
	// The app may send a stale token to a public route.
	call(t, "POST", "/auth/login", "stale.token.here", map[string]any{"username": "alan", "password": alan.password}).is(t, http.StatusOK, "", "")
	call(t, "POST", "/auth/refresh", "", map[string]any{"refreshToken": "no-such-token"}).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
	// The responses are the same with and without an account.
	known := call(t, "POST", "/auth/resend-verification", "", map[string]any{"username": "alan"})
	unknown := call(t, "POST", "/auth/resend-verification", "", map[string]any{"username": "nobody"})
	if known.text != unknown.text {
		t.Errorf("a known user gets %s, an unknown one %s", known.text, unknown.text)
	}
}

func profileEdits(t *testing.T) {
	dataConsent(t)
	token, _ := newUser(t, "edsger").signIn(t).body["accessToken"].(string)
	change := map[string]any{
		"firstName": "Edsger", "phone": "020 7946 0001", "city": "Rotterdam", "birthdate": "1970-05-11",
		"email": "other@example.com", "isPremium": true,
	}
	call(t, "PUT", "/profile", token, change).is(t, http.StatusOK, "", "")
	call(t, "PUT", "/profile", token, map[string]any{"preferredCurrency": "EUR", "phone": ""}).is(t, http.StatusOK, "", "")
	got, _ := call(t, "GET", "/profile", token, nil).body["profile"].(map[string]any)
	for field, want := range map[string]any{
		"firstName": "Edsger", "lastName": "Lovelace", "city": "Rotterdam", "birthdate": "1970-05-11",
		"preferredCurrency": "EUR", "phone": "", "email": "edsger@example.com", "isPremium": nil,
	} {
		if got[field] != want {
			t.Errorf("%s is %v, not %v", field, got[field], want)
		}
	}
	refused := call(t, "PUT", "/profile", token, map[string]any{"birthdate": "31/31/1970", "city": "Delft"})
	refused.is(t, http.StatusUnprocessableEntity, "", "The birthdate is not valid.")
	child := call(t, "PUT", "/profile", token, map[string]any{"birthdate": time.Now().AddDate(-17, 0, 0).Format(time.DateOnly), "city": "Delft"})
	child.is(t, http.StatusUnprocessableEntity, "", "You must be at least 18 years old.")
	if got, _ := call(t, "GET", "/profile", token, nil).body["profile"].(map[string]any); got["city"] != "Rotterdam" {
		t.Errorf("a refused change was stored: %v", got)
	}
	address := "5 Plataanstraat"
	for range 3 { // as the editor does: the shown street, and the other fields again
		call(t, "PUT", "/profile", token, map[string]any{
			"address": address + ", Nuenen, 5671 AL, NL", "city": "Nuenen", "postcode": "5671 AL", "country": "NL",
		}).is(t, http.StatusOK, "", "")
		got, _ := call(t, "GET", "/profile", token, nil).body["profile"].(map[string]any)
		if address, _ = got["address"].(string); address != "5 Plataanstraat, Nuenen, 5671 AL, NL" {
			t.Errorf("the address is %q", address)
		}
	}
}

// dataConsent lets messages of the chat be kept for a year, and withdraws that.
func dataConsent(t *testing.T) {
	grete := newSignedInUser(t, "consent.grete")
	say := func(text string) {
		call(t, "POST", "/ai/chat-message", grete.token, map[string]any{"role": "user", "content": text}).isDone(t)
	}
	answer := func(given bool) {
		t.Helper()
		call(t, "PUT", "/profile", grete.token, map[string]any{"dataRetentionConsent": map[string]any{"given": given, "textVersion": "2026-11"}}).is(t, http.StatusOK, "", "")
		got, _ := call(t, "GET", "/profile", grete.token, nil).body["profile"].(map[string]any)
		if consent, _ := got["dataRetentionConsent"].(map[string]any); consent["given"] != given || consent["textVersion"] != "2026-11" || consent["at"] == nil {
			t.Errorf("the consent is %v", consent)
		}
	}
	say("before")
	answer(true)
	say("under consent")
	var years []int
	for _, item := range storedOf(t, tables.AIChatHistory, grete.id) {
		expires, _ := item["expiresAt"].(float64)
		years = append(years, int(time.Until(time.Unix(int64(expires), 0)).Hours()/24)/364)
	}
	if !slices.Equal(years, []int{0, 1}) {
		t.Errorf("the messages expire after %v years", years)
	}
	answer(false)
	if left := storedOf(t, tables.AIChatHistory, grete.id); len(left) != 1 {
		t.Errorf("left are %d messages", len(left))
	}
	call(t, "PUT", "/profile", grete.token, map[string]any{"dataRetentionConsent": map[string]any{"given": true}}).is(t, http.StatusUnprocessableEntity, "", "")
}
