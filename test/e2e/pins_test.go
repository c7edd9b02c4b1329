package e2e_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// guessedPINs guesses PINs as an attacker with a stolen token does.
func guessedPINs(t *testing.T) {
	grete := newSignedInUser(t, "grete.hermann")
	grete.setPIN(t, iphone, "48151")
	refused := func(device, pin string) {
		t.Helper()
		got := call(t, "POST", "/security/validate-pin", grete.token, map[string]any{"pin": pin, "deviceId": device})
		if got.status != http.StatusTooManyRequests || got.body["code"] != "TOO_MANY_ATTEMPTS" || got.header.Get("Retry-After") == "" || got.body["error"] != nil {
			t.Errorf("%s at %s answered %d %v %s", pin, device, got.status, got.header, got.text)
		}
	}
	for i := range 5 {
		grete.offers(t, fmt.Sprintf("made-up-%d", i), "48150", false)
	}
	refused("made-up-6", "48151")
	grete.offers(t, iphone, "48151", true)
	for range 5 {
		grete.offers(t, iphone, "48150", false)
	}
	refused(iphone, "48151")
	change := call(t, "PATCH", "/security/change-pin", grete.token, map[string]any{"deviceId": iphone, "oldPin": "48151", "newPin": "11111"})
	change.is(t, http.StatusTooManyRequests, "", "")
	// The lock does not end the session.
	call(t, "GET", "/profile", grete.token, nil).is(t, http.StatusOK, "", "")
	grete.setPIN(t, iphone, "62342")
	grete.offers(t, iphone, "62342", true)
}

// otherPINCalls makes the calls of the contract that the installed app does not make.
func otherPINCalls(t *testing.T) {
	klara := newSignedInUser(t, "klara.dan")
	klara.setPIN(t, iphone, "48151")
	change := func(old string) answer {
		return call(t, "PATCH", "/security/change-pin", klara.token, map[string]any{"deviceId": iphone, "oldPin": old, "newPin": "62342"})
	}
	wrong := change("11111")
	wrong.is(t, http.StatusUnprocessableEntity, "", "The PIN is not right.")
	if wrong.body["code"] != "WRONG_PIN" {
		t.Errorf("answered %s", wrong.text)
	}
	change("48151").isDone(t)
	klara.offers(t, iphone, "62342", true)

	call(t, "PATCH", "/security/biometric", klara.token, map[string]any{"deviceId": iphone, "biometricEnabled": true}).isDone(t)
	got := call(t, "GET", "/security/settings/"+iphone, klara.token, nil)
	got.is(t, http.StatusOK, "", "")
	if settings, _ := got.body["settings"].(map[string]any); settings["biometricEnabled"] != true || settings["deviceId"] != iphone || settings["userId"] != klara.id || !isNow(settings["createdAt"]) || !isNow(settings["lastUpdated"]) {
		t.Errorf("the settings are %s", got.text)
	}
	call(t, "PATCH", "/security/biometric", klara.token, map[string]any{"deviceId": ipad, "biometricEnabled": true}).isNested(t, http.StatusNotFound, "PIN_NOT_FOUND")
	call(t, "GET", "/security/settings/"+ipad, klara.token, nil).isNested(t, http.StatusNotFound, "PIN_NOT_FOUND")
	call(t, "DELETE", "/security/pin/"+ipad, klara.token, nil).isNested(t, http.StatusNotFound, "PIN_NOT_FOUND")
	call(t, "DELETE", "/security/pin/"+iphone, klara.token, nil).isDone(t)
	if _, hasPIN, _, _ := klara.status(t, iphone); hasPIN {
		t.Error("the PIN is still there")
	}
	klara.expectPINEmails(t, "set", "changed", "removed")
}

func badSecurityInput(t *testing.T) {
	adele := newSignedInUser(t, "adele.goldberg")
	long := strings.Repeat("a", 129)
	for path, pins := range map[string][]any{
		"/security/setup-pin":    {nil, "1234", "1234a", 12345},
		"/security/validate-pin": {nil, "", "1234", "123456", "1234a", 12345, []string{"12345"}},
	} {
		for _, pin := range pins {
			got := call(t, "POST", path, adele.token, map[string]any{"pin": pin, "deviceId": iphone, "biometricEnabled": false})
			if got.status != http.StatusUnprocessableEntity {
				t.Errorf("%v: %s answered %d %s", pin, path, got.status, got.text)
			}
		}
	}
	for _, device := range []any{nil, "", long, "<b>", "a\u0000b", "a b", 5} {
		got := call(t, "POST", "/security/validate-pin", adele.token, map[string]any{"pin": "48151", "deviceId": device})
		got.is(t, http.StatusUnprocessableEntity, "", "")
	}
	for _, device := range []string{long, "%3Cb%3E", "a%00b", "a%20b", "a%2Fb"} {
		got, _ := send(t, "GET", "/security/status/"+device, adele.token, nil)
		if got.status != http.StatusUnprocessableEntity && got.status != http.StatusNotFound {
			t.Errorf("the status of %s answered %d %s", device, got.status, got.text)
		}
	}
	for _, preference := range []map[string]any{{"appLockEnabled": "yes"}, {"sessionTimeout": -1}, {"maxAttempts": 1e9}, {"sessionTimeout": "soon"}} {
		call(t, "PUT", "/security/preferences", adele.token, preference).is(t, http.StatusUnprocessableEntity, "", "")
	}
}

// erasedPINs erases one user's data and another user's account, and searches for their
// PINs.
func erasedPINs(t *testing.T) {
	hanna, olga := newSignedInUser(t, "hanna.neumann"), newSignedInUser(t, "olga.taussky")
	for _, user := range []signedIn{hanna, olga} {
		user.setPIN(t, iphone, "48151")
		user.lock(t, true)
	}
	stored := everythingStored(t)
	settings := stored[tables.SecuritySettings.Name]
	if !strings.Contains(settings, hanna.id) || !strings.Contains(settings, olga.id) {
		t.Fatal("the PINs are nowhere")
	}
	for name, items := range stored {
		if strings.Contains(items, "argon2") || regexp.MustCompile(`"(48151|62342)"`).MatchString(items) {
			t.Errorf("%s holds a PIN or its hash in clear", name)
		}
	}
	call(t, "DELETE", "/user/data", hanna.token, map[string]any{"confirm": "DELETE_ALL_DATA"}).is(t, http.StatusOK, "", "")
	if locks, hasPIN, needsPIN, at := hanna.status(t, iphone); locks || hasPIN || needsPIN || at != 0 {
		t.Errorf("after erasing, the status is %v %v %v %v", locks, hasPIN, needsPIN, at)
	}
	hanna.offers(t, iphone, "48151", false)
	call(t, "DELETE", "/auth/delete-account", olga.token, nil).is(t, http.StatusOK, "", "")
	if settings = everythingStored(t)[tables.SecuritySettings.Name]; strings.Contains(settings, hanna.id) || strings.Contains(settings, olga.id) {
		t.Error("PINs are left")
	}
	lines, err := stage.Logs(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		// Behind a point the same digits are part of a duration.
		if regexp.MustCompile(`argon2|(^|[^.\d])(48151|62342)\b`).MatchString(line.Message) {
			t.Errorf("a log holds a PIN: %s", line.Message)
		}
	}
}

// changesOfPINs checks that changes of PINs are limited, so that an attacker cannot
// flood an owner with e-mails.
func changesOfPINs(t *testing.T) {
	sofia := newSignedInUser(t, "sofia.k")
	for range 5 {
		sofia.setPIN(t, iphone, "48151")
	}
	got := call(t, "POST", "/security/setup-pin", sofia.token, map[string]any{"pin": "48151", "deviceId": ipad, "biometricEnabled": false})
	got.is(t, http.StatusTooManyRequests, "", "")
	if got.body["code"] != "RATE_LIMITED" {
		t.Errorf("answered %s", got.text)
	}
}
