package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

func login(t *testing.T, name, password string) answer {
	t.Helper()
	return call(t, "POST", "/auth/login", "", map[string]any{"username": name, "password": password})
}

func confirm(t *testing.T, name, code string) answer {
	t.Helper()
	return call(t, "POST", "/auth/confirm-signup", "", map[string]any{"username": name, "code": code})
}

// everySpelling guesses from many addresses under every name of an account.
func everySpelling(t *testing.T) {
	emmy := person{username: "emmy.guessed", email: "emmy.guessed@example.com", password: "Correct-horse-1"}
	registered := call(t, "POST", "/auth/register", "", emmy.form())
	registered.is(t, http.StatusOK, "", "")
	userID, _ := registered.body["cognitoUserSub"].(string)
	names := []string{emmy.username, userID, emmy.email}
	fiveGuesses(t, "127.1.1", names, http.StatusBadRequest, func(name string) answer { return confirm(t, name, "000000") })

	hedy := newUser(t, "hedy.lamarr")
	user, _ := hedy.signIn(t).body["user"].(map[string]any)
	userID, _ = user["id"].(string)
	names = []string{hedy.username, userID, hedy.email}
	fiveGuesses(t, "127.1.2", names, http.StatusUnauthorized, func(name string) answer { return login(t, name, "wrong") })
}

// fiveGuesses sends six guesses from six addresses of a network, under each of the
// names in turn. The backend must refuse the sixth without checking it.
func fiveGuesses(t *testing.T, network string, names []string, wrong int, guess func(name string) answer) {
	t.Helper()
	for i := range 6 {
		from(t, fmt.Sprintf("%s.%d", network, i+1), func() {
			got := guess(names[i%len(names)])
			if i < 5 {
				got.is(t, wrong, "", "")
			} else {
				got.is(t, http.StatusTooManyRequests, "TOO_MANY_ATTEMPTS", "")
			}
		})
	}
}

// codesFromOneAddress guesses one code of each of many accounts.
func codesFromOneAddress(t *testing.T) {
	const free = 20
	from(t, "127.1.3.1", func() {
		for i := range free {
			confirm(t, fmt.Sprintf("victim-%d", i), "000000").is(t, http.StatusBadRequest, "CodeMismatchException", "")
		}
		confirm(t, "victim-last", "000000").is(t, http.StatusTooManyRequests, "TOO_MANY_ATTEMPTS", "")
	})
}

// lockedOut has a stranger exhaust the guesses of an account. The owner can still sign
// in from the usual address.
func lockedOut(t *testing.T) {
	maryam := newUser(t, "maryam")
	maryam.signIn(t)
	reset := func(code, password string) answer {
		return call(t, "POST", "/auth/confirm-forgot-password", "", map[string]any{
			"username": maryam.username, "confirmationCode": code, "newPassword": password,
		})
	}
	from(t, "127.1.4.1", func() {
		for range 5 {
			login(t, maryam.username, "wrong").is(t, http.StatusUnauthorized, "", "")
		}
		for range 3 {
			reset("000000", "Better-horse-2").is(t, http.StatusBadRequest, "", "")
		}
		login(t, maryam.username, "wrong").is(t, http.StatusTooManyRequests, "TOO_MANY_ATTEMPTS", "")
		reset("000000", "Better-horse-2").is(t, http.StatusTooManyRequests, "TOO_MANY_ATTEMPTS", "")
	})
	from(t, "127.1.5.1", func() {
		login(t, maryam.username, maryam.password).is(t, http.StatusTooManyRequests, "TOO_MANY_ATTEMPTS", "")
	})
	home := login(t, maryam.username, maryam.password)
	for range 20 { // Cognito itself locks for a second after five failures
		if home.body["error"] != "LimitExceededException" {
			break
		}
		time.Sleep(100 * time.Millisecond)
		home = login(t, maryam.username, maryam.password)
	}
	home.is(t, http.StatusOK, "", "")
	call(t, "POST", "/auth/forgot-password", "", map[string]any{"username": maryam.username}).is(t, http.StatusOK, "", "")
	reset(resetCode, "Better-horse-2").is(t, http.StatusOK, "", "")
}

// unregisteredSessions signs in from another network like an intruder who knows the
// password and never registers a device.
func unregisteredSessions(t *testing.T) {
	dorothy := newUser(t, "dorothy")
	home, _ := tokensOf(dorothy.signIn(t))
	dorothy.signIn(t)
	if told := mailsTo(t, dorothy.email, "had not seen lately"); len(told) > 0 {
		t.Errorf("the owner was told of sign-ins at home: %+v", told)
	}
	atHome := deviceIDs(t, home)
	var intruder, renewal string
	from(t, "127.1.6.1", func() { intruder, renewal = tokensOf(dorothy.signIn(t)) })
	intruders := slices.DeleteFunc(deviceIDs(t, home), func(id string) bool { return slices.Contains(atHome, id) })
	if len(intruders) != 1 {
		t.Fatalf("the intruder's sessions are %v", intruders)
	}
	from(t, "127.1.6.2", func() { dorothy.signIn(t) }) // of the same network
	if told := mailsTo(t, dorothy.email, "had not seen lately"); len(told) != 1 {
		t.Errorf("the owner was told of the sign-in elsewhere %d times", len(told))
	}
	if all := deviceIDs(t, home); len(all) != 4 {
		t.Fatalf("the sessions are %v", all)
	}
	stranger, _ := tokensOf(newUser(t, "mallory.two").signIn(t))
	call(t, "DELETE", "/devices/revoke/"+intruders[0], stranger, nil).isNested(t, http.StatusNotFound, "DEVICE_NOT_FOUND")
	call(t, "DELETE", "/devices/revoke/"+intruders[0], home, nil).isDone(t)
	call(t, "GET", "/profile", intruder, nil).isNested(t, http.StatusUnauthorized, "UNAUTHORIZED")
	renew(t, renewal).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
	call(t, "DELETE", "/devices/revoke/"+intruders[0], home, nil).isNested(t, http.StatusNotFound, "DEVICE_NOT_FOUND")
	if left := deviceIDs(t, home); len(left) != 3 {
		t.Errorf("the sessions are %v", left)
	}
}

// passwordAfterPINs signs in as the lock screen does after five wrong PINs.
func passwordAfterPINs(t *testing.T) {
	julia := newSignedInUser(t, "julia.robinson")
	julia.setPIN(t, iphone, "48151")
	for range 5 {
		julia.offers(t, iphone, "48150", false)
	}
	call(t, "POST", "/security/validate-pin", julia.token, map[string]any{"pin": "48151", "deviceId": iphone}).
		is(t, http.StatusTooManyRequests, "", "")
	julia.signIn(t)
	julia.offers(t, iphone, "48151", true)
}
