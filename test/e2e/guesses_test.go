package e2e_test

import (
	"net/http"
	"slices"
	"testing"
)

// parallelGuesses sends guesses in parallel, as an attacker's program does. It locks
// accounts, so it runs late and with accounts of its own.
func parallelGuesses(t *testing.T) {
	eve := newUser(t, "eve.guessed")
	logins := slices.Repeat([]any{map[string]any{"username": eve.username, "password": "wrong"}}, 10)
	lockedAfter(t, 5, http.StatusUnauthorized, inParallel(t, "POST", "/auth/login", logins...))
	locked := call(t, "POST", "/auth/login", "", map[string]any{"username": eve.username, "password": eve.password})
	locked.is(t, http.StatusTooManyRequests, "TOO_MANY_ATTEMPTS", "")

	mallory := person{username: "mallory.waits", email: "mallory.waits@example.com", password: "Correct-horse-1"}
	call(t, "POST", "/auth/register", "", mallory.form()).is(t, http.StatusOK, "", "")
	codes := slices.Repeat([]any{map[string]any{"username": mallory.username, "code": "000000"}}, 10)
	lockedAfter(t, 5, http.StatusBadRequest, inParallel(t, "POST", "/auth/confirm-signup", codes...))
	call(t, "POST", "/auth/confirm-signup", "", map[string]any{"username": mallory.username, "code": confirmationCode}).
		is(t, http.StatusTooManyRequests, "TOO_MANY_ATTEMPTS", "")
	resets := slices.Repeat([]any{map[string]any{"username": eve.email, "confirmationCode": "000000", "newPassword": "Better-horse-2"}}, 10)
	lockedAfter(t, 3, http.StatusBadRequest, inParallel(t, "POST", "/auth/confirm-forgot-password", resets...))
	call(t, "POST", "/auth/confirm-forgot-password", "", map[string]any{
		"username": eve.username, "confirmationCode": resetCode, "newPassword": "Better-horse-2",
	}).is(t, http.StatusTooManyRequests, "TOO_MANY_ATTEMPTS", "")
}

// emailLimits requests e-mails of every kind until the limit refuses them.
func emailLimits(t *testing.T) {
	trudy := person{username: "trudy.mails", email: "trudy.mails@example.com", password: "Correct-horse-1"}
	call(t, "POST", "/auth/register", "", trudy.form()).is(t, http.StatusOK, "", "")
	name := map[string]any{"username": trudy.username}
	call(t, "POST", "/auth/send-verification-email", "stale.token.here", name).is(t, http.StatusOK, "", "")
	resends := slices.Repeat([]any{map[string]any{"email": trudy.email}}, 7)
	lockedAfter(t, 4, http.StatusOK, inParallel(t, "POST", "/auth/resend-verification", resends...))
	for _, path := range []string{"/auth/send-verification-email", "/auth/forgot-password"} {
		refused := call(t, "POST", path, "", name)
		refused.is(t, http.StatusTooManyRequests, "", "")
		refused.says(t, "many")
	}
	other := person{username: "trudy.two", email: "trudy.two@example.com", password: "Correct-horse-1"}
	call(t, "POST", "/auth/register", "", other.form()).is(t, http.StatusOK, "", "")
	call(t, "POST", "/auth/forgot-username", "", map[string]any{"email": trudy.email}).is(t, http.StatusTooManyRequests, "", "")
	usernames := slices.Repeat([]any{map[string]any{"email": other.email}}, 7)
	lockedAfter(t, 5, http.StatusOK, inParallel(t, "POST", "/auth/forgot-username", usernames...))
}

// limits exhausts every public route whose limit no other part tested.
func limits(t *testing.T) {
	const most = 60 // requests a minute
	for _, operation := range client.Operations() {
		named := slices.Contains(operation.Statuses, http.StatusTooManyRequests)
		if !operation.Public || !operation.Implemented() || !named {
			continue
		}
		burst := slices.Repeat([]any{map[string]any{}}, 20)
		for sent := 0; sent < 2*most && !client.HasResponse(operation.Key, http.StatusTooManyRequests); sent += len(burst) {
			for _, got := range inParallel(t, operation.Method(), operation.Example(), burst...) {
				if got.status == http.StatusTooManyRequests && (got.header.Get("Retry-After") == "" || got.body["message"] == "") {
					t.Errorf("%s: a refused request got %v %s", operation.Key, got.header, got.text)
				}
			}
		}
	}
	call(t, "GET", "/health", "", nil).is(t, http.StatusOK, "", "")
}

// lockedAfter checks that at most this many responses have the status, and that the
// others tell the client to try again later.
func lockedAfter(t *testing.T, free, status int, answers []answer) {
	t.Helper()
	let := 0
	for _, got := range answers {
		if got.status == status {
			let++
			continue
		}
		got.is(t, http.StatusTooManyRequests, "", "")
		if got.header.Get("Retry-After") == "" || got.body["message"] == "" {
			t.Errorf("a refused request got %v %s", got.header, got.text)
		}
	}
	if let == 0 || let > free {
		t.Errorf("%d of %d were let through, not %d", let, len(answers), free)
	}
}
