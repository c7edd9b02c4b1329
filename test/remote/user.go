package remote

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/test/apiclient"
)

// User is a throw-away user who is signed in.
type User struct {
	apiclient.Person
	target *Target
	// ID is the user's id, and Token the access token.
	ID, Token string
	identity  string
}

// NewUser signs a user up, enters the code of the e-mail and signs in. The account is
// deleted when the test ends.
func (s *Target) NewUser(t *testing.T) *User {
	t.Helper()
	if s.Mailbox == nil {
		t.Fatalf("stage %s has no mailbox for tests, so that no user gets a code", s.Config.Stage)
	}
	username := "throwaway." + strings.ToLower(rand.Text()[:12])
	u := &User{
		Person: apiclient.Person{Username: username, Email: s.Mailbox.Address(username), Password: "Aa1-" + rand.Text()},
		target: s,
	}
	s.Call(t, "POST", "/auth/register", "", u.Form()).Is(t, http.StatusOK, "", "")
	code, err := AwaitCode(t.Context(), s.Mailbox, u.Email)
	if err != nil {
		t.Fatal(err)
	}
	s.Call(t, "POST", "/auth/confirm-signup", "", map[string]any{"username": u.Username, "code": code}).Is(t, http.StatusOK, "", "")
	u.signIn(t)
	t.Cleanup(func() { u.remove(t) })
	return u
}

func (u *User) signIn(t *testing.T) {
	t.Helper()
	session := u.target.Call(t, "POST", "/auth/login", "", map[string]any{"username": u.Username, "password": u.Password})
	session.Is(t, http.StatusOK, "", "")
	user, _ := session.Body["user"].(map[string]any)
	u.ID, _ = user["id"].(string)
	u.Token, _ = session.Body["accessToken"].(string)
	u.identity, _ = session.Body["idToken"].(string)
	if u.ID == "" || u.Token == "" || u.identity == "" {
		t.Fatal("the sign-in answered without an id or a token")
	}
}

// remove deletes the account unless the test has done so. It runs after the test, whose
// context has ended.
func (u *User) remove(t *testing.T) {
	if u.Token == "" {
		return
	}
	request, err := http.NewRequest(http.MethodDelete, u.target.URL+"/auth/delete-account", nil)
	if err != nil {
		t.Error(err)
		return
	}
	request.Header.Set("Authorization", "Bearer "+u.Token)
	if got := u.target.Do(t, request); got.Status != http.StatusOK {
		t.Errorf("the account of a throw-away user stays: answered %d %s", got.Status, got.Text)
	}
}

// call sends a request of the user and checks it against the contract.
func (u *User) call(t *testing.T, method, path string, body any) apiclient.Response {
	t.Helper()
	return u.target.Call(t, method, path, u.Token, body)
}

// does is call for a request that must succeed.
func (u *User) does(t *testing.T, method, path string, body any) apiclient.Response {
	t.Helper()
	got := u.call(t, method, path, body)
	if got.Status != http.StatusOK {
		t.Errorf("%s %s answered %d %s", method, path, got.Status, got.Text)
	}
	return got
}
