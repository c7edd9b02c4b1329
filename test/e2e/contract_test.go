package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/test/contract"
)

// excused are the failures that the contract names and no request can cause.
var excused = contract.Exceptions{
	"404 POST /auth/check-user-status":             "the app takes it for a free name, which is answered 200",
	"400 POST /security/setup-pin":                 "a PIN that is none is a 422, like everything malformed outside /auth/",
	"400 POST /security/validate-pin":              "a wrong PIN is answered 200 with success false, which the app takes alike",
	"400 PATCH /security/change-pin":               "a wrong old PIN is a 422, whose body the app can read",
	"401 POST /auth/apple-login":                   "a token that proves nothing is a 400: at a 401 the app would renew its session, or end it",
	"401 POST /auth/google-login":                  "as with Apple",
	"404 GET /goals":                               "a user without goals has empty lists, and the session of a deleted user is a 401",
	"429 DELETE /auth/delete-account":              "the first deletion ends the user's sessions, so that the next one is a 401",
	"404 GET /alerts/pending":                      "a user without alerts has an empty list",
	"404 GET /notifications/history":               "a user without notifications has an empty list",
	"404 GET /notifications/preferences":           "a user who has chosen none has the defaults",
	"404 PUT /notifications/{notificationId}/read": "after a tap on a push notification the app sends an id that only the phone knows",
	"404 GET /briefs/daily":                        "a brief that is missing is made",
	"404 GET /achievements":                        "a user without achievements has an empty list",
	"404 GET /insights/savings-opportunities":      "a user without opportunities has an empty list",
	"404 GET /ai/chat-history":                     "a user without messages has an empty list",
	"404 DELETE /ai/chat-history":                  "a history without messages is cleared",
	"404 POST /ai/chat-message":                    "the first message begins the history",
	"404 POST /ai/insight":                         "the assistant answers without transactions, too; a model that is down is a 503",
	"404 GET /bills/detected":                      "a user without bills has an empty list: the app shows a 404 as an error",
	"404 GET /bills/preferences":                   "a user who has chosen none has an empty list",
	"404 PUT /bills/preferences/{billId}":          "the app names bills that only the device has found",
}

// everyOperation checks that the run called each implemented operation of the contract
// and got each failure that the contract names.
func everyOperation(t *testing.T) {
	for _, missing := range client.UncheckedResponses(excused) {
		t.Error(missing)
	}
}

// signedOutRequests calls every operation that needs an access token without one or
// with another token.
func signedOutRequests(t *testing.T) {
	session := newUser(t, "nobody").signIn(t)
	identity, _ := session.body["idToken"].(string)
	for _, operation := range client.Operations() {
		if operation.Public || !operation.Implemented() {
			continue
		}
		for name, token := range map[string]string{"no token": "", "no JWT": "garbage", "an ID token": identity} {
			got := call(t, operation.Method(), operation.Example(), token, nil)
			if got.status != http.StatusUnauthorized {
				t.Errorf("%s with %s answered %d %s", operation.Key, name, got.status, got.text)
			}
		}
	}
}

// usernameStatus sends the sign-up form's requests about usernames.
func usernameStatus(t *testing.T) {
	newUser(t, "lise.meitner")
	for name, taken := range map[string]bool{"lise.meitner": true, "LISE.Meitner": true, "lise.meitner2": false} {
		got := call(t, "POST", "/auth/check-user-status", "", map[string]any{"username": name})
		got.is(t, http.StatusOK, "", "")
		if _, named := got.body["username"]; named != taken || got.body["exists"] != taken {
			t.Errorf("%s: taken is %v, not %v: %s", name, named, taken, got.text)
		}
	}
	for _, unusable := range []string{"lise@example.com", "lise meitner", strings.Repeat("l", 31)} {
		got := call(t, "POST", "/auth/check-user-status", "stale.token.here", map[string]any{"username": unusable})
		got.is(t, http.StatusOK, "", "")
		if got.body["username"] != unusable || got.body["exists"] != true {
			t.Errorf("%s: answered %s", unusable, got.text)
		}
	}
}
