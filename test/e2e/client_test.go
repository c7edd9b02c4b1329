package e2e_test

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/test/apiclient"
)

var httpClient = &http.Client{Timeout: 30 * time.Second}

// from runs a function whose requests come from another address of this machine. The
// edge tells the API the address of the connection and ignores headers.
func from(t *testing.T, address string, act func()) {
	t.Helper()
	home := httpClient
	defer func() { httpClient = home }()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	httpClient = &http.Client{Timeout: home.Timeout, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
	act()
}

// answer is a response of the API: its status and its body, an object.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

// api returns the client of the stage under test.
func api() *apiclient.Client {
	return &apiclient.Client{URL: stage.URL(), Contract: client, HTTP: httpClient}
}

// call sends a request as the app does and checks it and the response against the
// contract (apiclient.Client.Call).
func call(t *testing.T, method, path, token string, body any) answer {
	t.Helper()
	got := answerOf(api().Call(t, method, path, token, body))
	users.read(path, body, got)
	return got
}

// send is call without the checks, for requests outside the contract.
func send(t *testing.T, method, path, token string, body any) (answer, http.Header) {
	t.Helper()
	got := api().Send(t, method, path, token, body)
	users.read(path, body, answerOf(got))
	return answerOf(got), got.Header
}

func answerOf(r apiclient.Response) answer { return answer{r.Status, r.Header, r.Body, r.Text} }

// is fails the test if the response has another status, "error" or "message". It
// ignores an expected text that is empty.
func (a answer) is(t *testing.T, status int, name, message string) {
	t.Helper()
	apiclient.Response{Status: a.status, Header: a.header, Body: a.body, Text: a.text}.Is(t, status, name, message)
}

// isDone fails the test unless the response is 200 with "success": true, which the app
// requires of acknowledgements.
func (a answer) isDone(t *testing.T) {
	t.Helper()
	if a.is(t, http.StatusOK, "", ""); a.body["success"] != true {
		t.Errorf("answered %s", a.text)
	}
}

// says fails the test if "message" lacks a text that the app searches for.
func (a answer) says(t *testing.T, text string) {
	t.Helper()
	if message, _ := a.body["message"].(string); !strings.Contains(message, text) {
		t.Errorf("the message %q does not say %q", message, text)
	}
}

// inParallel sends public requests with these bodies in parallel and returns the
// responses in order.
func inParallel(t *testing.T, method, path string, bodies ...any) []answer {
	t.Helper()
	answers := make([]answer, len(bodies))
	var all sync.WaitGroup
	for i, body := range bodies {
		all.Go(func() { answers[i] = call(t, method, path, "", body) })
	}
	all.Wait()
	return answers
}

// person is a user with an account.
type person struct{ username, email, password string }

func (p person) form() map[string]any {
	return apiclient.Person{Username: p.username, Email: p.email, Password: p.password}.Form()
}

// These are the engine's codes. A deployed stage sends other codes by e-mail.
const confirmationCode = "123456"

// newUser registers and confirms a new user.
func newUser(t *testing.T, username string) person {
	t.Helper()
	return newUserAt(t, username, "example.com")
}

// newUserAt is newUser with an address of the domain.
func newUserAt(t *testing.T, username, domain string) person {
	t.Helper()
	p := person{username: username, email: username + "@" + domain, password: "Correct-horse-1"}
	call(t, "POST", "/auth/register", "", p.form()).is(t, http.StatusOK, "", "")
	call(t, "POST", "/auth/confirm-signup", "", map[string]any{"username": p.username, "code": confirmationCode}).is(t, http.StatusOK, "", "")
	return p
}

// signIn returns the response to a sign-in that must succeed.
func (p person) signIn(t *testing.T) answer {
	t.Helper()
	got := call(t, "POST", "/auth/login", "", map[string]any{"username": p.username, "password": p.password})
	got.is(t, http.StatusOK, "", "")
	return got
}
