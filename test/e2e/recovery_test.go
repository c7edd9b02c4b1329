package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// forgottenPassword resets a lost password and then tries every token and password from
// before.
func forgottenPassword(t *testing.T) {
	irene := newUser(t, "irene.curie")
	before := irene.signIn(t)
	call(t, "POST", "/auth/forgot-password", "", map[string]any{"username": irene.email}).is(t, http.StatusOK, "", "")
	if sent := mailsTo(t, irene.email, resetCode); len(sent) != 1 {
		t.Errorf("the code came in %d e-mails", len(sent))
	}

	reset := func(username, code, password string) answer {
		return call(t, "POST", "/auth/confirm-forgot-password", "", map[string]any{
			"username": username, "confirmationCode": code, "newPassword": password,
		})
	}
	const fresh = "Better-horse-2"
	wrong := reset(irene.username, "000000", fresh)
	wrong.is(t, http.StatusBadRequest, "CodeMismatchException", "")
	wrong.says(t, "confirmation code")
	weak := reset(irene.username, resetCode, "only-lower-case")
	weak.is(t, http.StatusBadRequest, "InvalidPasswordException", "")
	weak.says(t, "requirements")
	reset(irene.username, resetCode, "short").is(t, http.StatusBadRequest, "InvalidParameterException", "")
	irene.signIn(t) // the refused requests changed nothing

	reset(irene.email, resetCode, fresh).is(t, http.StatusOK, "", "")
	again := reset(irene.username, resetCode, "Third-horse-3")
	again.is(t, http.StatusBadRequest, "ExpiredCodeException", "")
	again.says(t, "confirmation code has expired")
	if sent := mailsTo(t, irene.email, "password was changed"); len(sent) != 1 {
		t.Errorf("%d e-mails say that the password is changed", len(sent))
	}
	irene.onlySignsInWith(t, fresh, before)
}

// resetsPassword sets a new password by the code and signs in with it.
func (p *person) resetsPassword(t *testing.T, password string) answer {
	t.Helper()
	call(t, "POST", "/auth/forgot-password", "", map[string]any{"username": p.username}).is(t, http.StatusOK, "", "")
	call(t, "POST", "/auth/confirm-forgot-password", "", map[string]any{
		"username": p.username, "confirmationCode": resetCode, "newPassword": password,
	}).is(t, http.StatusOK, "", "")
	// Tokens have their time in whole seconds, so tokens of the current second are revoked too.
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
	p.password = password
	return p.signIn(t)
}

// onlySignsInWith checks that the new password opens the account and that the earlier
// session is revoked.
func (p person) onlySignsInWith(t *testing.T, password string, before answer) {
	t.Helper()
	token, _ := before.body["accessToken"].(string)
	call(t, "GET", "/profile", token, nil).is(t, http.StatusUnauthorized, "", "")
	call(t, "POST", "/auth/refresh", "", map[string]any{"refreshToken": before.body["refreshToken"]}).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
	call(t, "POST", "/auth/login", "", map[string]any{"username": p.username, "password": p.password}).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")

	// Tokens have their time in whole seconds, so tokens of the current second are revoked too.
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
	p.password = password
	token, _ = p.signIn(t).body["accessToken"].(string)
	call(t, "GET", "/profile", token, nil).is(t, http.StatusOK, "", "")
}

// forgottenUsername requests usernames, which the backend sends by e-mail and never in
// a response.
func forgottenUsername(t *testing.T) {
	emmy := newUser(t, "emmy.noether")
	unconfirmed := person{username: "emmy.two", email: "emmy.two@example.com", password: "Correct-horse-1"}
	call(t, "POST", "/auth/register", "", unconfirmed.form()).is(t, http.StatusOK, "", "")

	for _, got := range inParallel(t, "POST", "/auth/forgot-username",
		map[string]any{"email": strings.ToUpper(emmy.email)}, map[string]any{"email": unconfirmed.email}) {
		got.is(t, http.StatusOK, "", "")
		if strings.Contains(got.text, "emmy") {
			t.Errorf("the answer names the user: %s", got.text)
		}
	}
	if sent := mailsTo(t, emmy.email, "Your username"); len(sent) != 1 || !strings.Contains(sent[0].Text, emmy.username) {
		t.Errorf("the username came in %d e-mails", len(sent))
	}
	if sent := mailsTo(t, unconfirmed.email, "Your username"); len(sent) != 0 {
		t.Error("an unconfirmed address was sent a username")
	}
}

// strangersRegistration has the owner of an address recover the account that a stranger
// registered with it. The owner knows neither username nor password.
func strangersRegistration(t *testing.T) {
	stranger := person{username: "not.rosalind", email: "rosalind.franklin@example.com", password: "Strange-horse-1"}
	call(t, "POST", "/auth/register", "", stranger.form()).is(t, http.StatusOK, "", "")
	rosalind := person{username: "rosalind.franklin", email: stranger.email, password: "Correct-horse-1"}
	call(t, "POST", "/auth/register", "", rosalind.form()).is(t, http.StatusConflict, "EmailExistsException", "")

	// The app makes these calls when a user signs in by an unconfirmed address.
	byAddress := person{username: rosalind.email, password: rosalind.password}
	call(t, "POST", "/auth/login", "", map[string]any{"email": rosalind.email, "password": rosalind.password}).is(t, http.StatusForbidden, "UserNotConfirmedException", "")
	call(t, "POST", "/auth/resend-verification", "", map[string]any{"email": rosalind.email}).is(t, http.StatusOK, "", "")
	byAddress.confirm(t).is(t, http.StatusOK, "", "")

	call(t, "POST", "/auth/forgot-password", "", map[string]any{"username": rosalind.email}).is(t, http.StatusOK, "", "")
	call(t, "POST", "/auth/confirm-forgot-password", "", map[string]any{
		"username": rosalind.email, "confirmationCode": resetCode, "newPassword": rosalind.password,
	}).is(t, http.StatusOK, "", "")
	byAddress.signIn(t)
	call(t, "POST", "/auth/forgot-username", "", map[string]any{"email": rosalind.email}).is(t, http.StatusOK, "", "")
	if sent := mailsTo(t, rosalind.email, "Your username"); len(sent) != 1 || !strings.Contains(sent[0].Text, stranger.username) {
		t.Errorf("the username came in %d e-mails", len(sent))
	}
	call(t, "POST", "/auth/login", "", map[string]any{"username": stranger.username, "password": stranger.password}).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
}
