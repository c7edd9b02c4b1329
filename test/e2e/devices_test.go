package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// device is the app's description of the device. If the app has no e-mail address, it
// sends a placeholder.
func device(id, name string) map[string]any {
	return map[string]any{
		"deviceId": id, "deviceName": name, "platform": "ios", "appVersion": "1.8.1", "rememberMe": true,
		"deviceFingerprint": "aW9zfDE3LjR8QWRhJ3MgaVBob25lfDEuOC4x", "userEmail": "test@expenzez.com",
	}
}

// tokensOf returns the two tokens that the app keeps after a sign-in.
func tokensOf(session answer) (access, refresh string) {
	access, _ = session.body["accessToken"].(string)
	refresh, _ = session.body["refreshToken"].(string)
	return access, refresh
}

func renew(t *testing.T, refreshToken string) answer {
	t.Helper()
	return call(t, "POST", "/auth/refresh", "", map[string]any{"refreshToken": refreshToken})
}

// isNested fails the test unless the response is an error in the form that the app
// reads outside /auth/.
func (a answer) isNested(t *testing.T, status int, code string) {
	t.Helper()
	if detail, _ := a.body["error"].(map[string]any); a.status != status || detail["code"] != code {
		t.Errorf("answered %d %s, not %d %s", a.status, a.text, status, code)
	}
}

// deviceIDs returns the ids in the list of devices.
func deviceIDs(t *testing.T, token string) []string {
	t.Helper()
	got := call(t, "GET", "/devices/list", token, nil)
	got.is(t, http.StatusOK, "", "")
	ids := []string{}
	devices, _ := got.body["devices"].([]any)
	for _, shown := range devices {
		id, _ := shown.(map[string]any)["deviceId"].(string)
		ids = append(ids, id)
	}
	return ids
}

// devices follows a user with a phone and a tablet.
func devices(t *testing.T) {
	katherine := newUser(t, "katherine")
	phone, phoneRefresh := tokensOf(katherine.signIn(t))
	tablet, tabletRefresh := tokensOf(katherine.signIn(t))
	if sessions := deviceIDs(t, phone); len(sessions) != 2 || !strings.HasPrefix(sessions[0], "session-") {
		t.Errorf("before a device registers, the list has %v", sessions)
	}
	registered := call(t, "POST", "/devices/register", phone, device("ios__1", "Katherine's iPhone"))
	registered.is(t, http.StatusOK, "", "")
	entry, _ := registered.body["device"].(map[string]any)
	from, _ := entry["registeredAt"].(float64)
	until, _ := entry["expiresAt"].(float64)
	if !isNow(from) || until-from != 30*24*3600*1000 {
		t.Errorf("registered are %v", entry)
	}
	call(t, "POST", "/devices/register", tablet, device("ios__2", "Katherine's iPad")).is(t, http.StatusOK, "", "")
	if told := mailsTo(t, katherine.email, "had not seen lately"); len(told) > 0 {
		t.Errorf("the owner was told of a device at home: %+v", told)
	}
	call(t, "PUT", "/devices/ios__1/trust", phone, nil).isDone(t)
	used := call(t, "PUT", "/devices/update-last-used", phone, map[string]any{"deviceId": "ios__1"})
	if used.isDone(t); !isNow(used.body["lastUsed"]) {
		t.Errorf("used at %s", used.text)
	}
	call(t, "POST", "/devices/register", phone, device("ios__1", "Katherine's new iPhone")).is(t, http.StatusOK, "", "")
	shown := call(t, "GET", "/devices/list", tablet, nil)
	list, _ := shown.body["devices"].([]any)
	if first, _ := list[0].(map[string]any); len(list) != 2 || first["deviceId"] != "ios__1" || first["isTrusted"] != true || first["deviceName"] != "Katherine's new iPhone" {
		t.Errorf("the list is %s", shown.text)
	}

	otherUsersDevice(t, phone)
	revokedDevice(t, phone, phoneRefresh, tablet, tabletRefresh)
	deviceSignsInAgain(t, katherine)
}

// isNow reports whether a field of the response is within a few minutes of now, in
// epoch milliseconds.
func isNow(at any) bool {
	milliseconds, _ := at.(float64)
	return time.Since(time.UnixMilli(int64(milliseconds))).Abs() < 5*time.Minute
}

// otherUsersDevice tries requests with the id of another user's device and with ids
// that no device can have.
func otherUsersDevice(t *testing.T, owner string) {
	t.Helper()
	before := call(t, "GET", "/devices/list", owner, nil)
	stranger, _ := tokensOf(newUser(t, "mallory").signIn(t))
	for _, id := range []string{"ios__1", "no-such-device"} {
		call(t, "DELETE", "/devices/revoke/"+id, stranger, nil).isNested(t, http.StatusNotFound, "DEVICE_NOT_FOUND")
		call(t, "PUT", "/devices/"+id+"/trust", stranger, nil).isNested(t, http.StatusNotFound, "DEVICE_NOT_FOUND")
		call(t, "PUT", "/devices/update-last-used", stranger, map[string]any{"deviceId": id}).isNested(t, http.StatusNotFound, "DEVICE_NOT_FOUND")
	}
	// With the same id the stranger gets a device of their own, and the owner's is
	// unchanged.
	call(t, "POST", "/devices/register", stranger, device("ios__1", "Mallory's iPhone")).is(t, http.StatusOK, "", "")
	call(t, "DELETE", "/devices/revoke/ios__1", stranger, nil).is(t, http.StatusOK, "", "")
	if after := call(t, "GET", "/devices/list", owner, nil); after.text != before.text {
		t.Errorf("the owner's devices were %s and are %s", before.text, after.text)
	}
	call(t, "DELETE", "/devices/revoke/a%20b", owner, nil).is(t, http.StatusUnprocessableEntity, "", "The device id is not valid.")
	call(t, "PUT", "/devices/"+strings.Repeat("x", 129)+"/trust", owner, nil).is(t, http.StatusUnprocessableEntity, "", "The device id is not valid.")
	call(t, "POST", "/devices/register", owner, device("x/y", "x")).is(t, http.StatusUnprocessableEntity, "", "The device id is not valid.")
}

// revokedDevice revokes the tablet from the phone, and then the phone itself.
func revokedDevice(t *testing.T, phone, phoneRefresh, tablet, tabletRefresh string) {
	t.Helper()
	owner := signedIn{token: phone}
	owner.setPIN(t, "ios__2", "48151")
	owner.offers(t, "ios__2", "48151", true)
	renew(t, tabletRefresh).is(t, http.StatusOK, "", "")
	call(t, "DELETE", "/devices/revoke/ios__2", phone, nil).isDone(t)
	owner.offers(t, "ios__1", "48151", false)
	call(t, "GET", "/profile", tablet, nil).isNested(t, http.StatusUnauthorized, "UNAUTHORIZED")
	renew(t, tabletRefresh).is(t, http.StatusUnauthorized, "NotAuthorizedException", "Your session has ended. Please sign in again.")
	call(t, "DELETE", "/devices/revoke/ios__2", phone, nil).isNested(t, http.StatusNotFound, "DEVICE_NOT_FOUND")

	renewed := renew(t, phoneRefresh)
	renewed.is(t, http.StatusOK, "", "")
	if ids := deviceIDs(t, phone); !slices.Equal(ids, []string{"ios__1"}) {
		t.Errorf("the devices are %v", ids)
	}
	call(t, "DELETE", "/devices/revoke/ios__1", phone, nil).is(t, http.StatusOK, "", "")
	fresh, _ := tokensOf(renewed)
	for _, token := range []string{phone, fresh} {
		call(t, "GET", "/devices/list", token, nil).isNested(t, http.StatusUnauthorized, "UNAUTHORIZED")
	}
	renew(t, phoneRefresh).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
}

// deviceSignsInAgain signs in again on a device, which ends the device's earlier
// session.
func deviceSignsInAgain(t *testing.T, who person) {
	t.Helper()
	first, firstRefresh := tokensOf(who.signIn(t))
	call(t, "POST", "/devices/register", first, device("ios__1", "Katherine's iPhone")).is(t, http.StatusOK, "", "")
	second, secondRefresh := tokensOf(who.signIn(t))
	renew(t, firstRefresh).is(t, http.StatusOK, "", "")
	call(t, "POST", "/devices/register", second, device("ios__1", "Katherine's iPhone")).is(t, http.StatusOK, "", "")
	renew(t, firstRefresh).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
	renew(t, secondRefresh).is(t, http.StatusOK, "", "")
	if ids := deviceIDs(t, second); !slices.Equal(ids, []string{"ios__1"}) {
		t.Errorf("the devices are %v", ids)
	}
}

// manyDevices registers more devices than a user may have, deletes the account, and
// searches for what is left.
func manyDevices(t *testing.T) {
	session := newUser(t, "annie").signIn(t)
	token, _ := tokensOf(session)
	user, _ := session.body["user"].(map[string]any)
	userID, _ := user["id"].(string)
	for i := range 21 {
		id := fmt.Sprint("ios__", i)
		call(t, "POST", "/devices/register", token, device(id, "Annie's iPhone")).is(t, http.StatusOK, "", "")
		if i < 20 && i != 1 {
			call(t, "PUT", "/devices/"+id+"/trust", token, nil).is(t, http.StatusOK, "", "")
		}
	}
	if ids := deviceIDs(t, token); len(ids) != 20 || slices.Contains(ids, "ios__1") {
		t.Errorf("the devices are %v", ids)
	}
	call(t, "PUT", "/devices/ios__20/trust", token, nil).is(t, http.StatusOK, "", "")
	full := call(t, "POST", "/devices/register", token, device("ios__21", "Annie's iPhone"))
	if full.status != http.StatusUnprocessableEntity || full.body["code"] != "DEVICE_LIMIT_REACHED" || full.body["error"] != nil {
		t.Errorf("one too many answered %d %s", full.status, full.text)
	}

	earned := state(5, map[string]string{"add-expense": time.Now().UTC().Format(time.RFC3339)})
	call(t, "PUT", "/profile/progress", token, earned).is(t, http.StatusOK, "", "")

	stored := everythingStored(t)
	for _, table := range []string{"Devices", "SecurityEvents", "UserProgress"} {
		if !strings.Contains(stored[table], userID) {
			t.Fatalf("%s holds nothing of the user", table)
		}
	}
	for table, text := range stored {
		for _, personal := range []string{"iPhone", "iPad", "127.0.0.1", "Go-http-client"} {
			if strings.Contains(text, personal) {
				t.Errorf("%s holds %q in clear", table, personal)
			}
		}
	}
	call(t, "DELETE", "/auth/delete-account", token, nil).is(t, http.StatusOK, "", "")
	finishDeletion(t, userID)
	for table, text := range everythingStored(t) {
		if strings.Contains(text, userID) {
			t.Errorf("%s still holds the id of a deleted user", table)
		}
	}
}
