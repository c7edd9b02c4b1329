package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
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

// call sends a request as the app does and checks the response against the contract. If
// the request succeeds, call checks the request too, because a success proves something
// only for requests that the app may send. A string body is sent unchanged, nil sends
// no body, and any other value is sent as JSON. An empty token sends no Authorization
// header.
func call(t *testing.T, method, path, token string, body any) answer {
	t.Helper()
	got, header := send(t, method, path, token, body)
	if err := client.CheckResponse(t.Context(), method, path, got.status, header, []byte(got.text)); err != nil {
		t.Errorf("%v\n%s", err, got.text)
	}
	if got.status < http.StatusMultipleChoices {
		sent, payload := requestOf(t, method, path, token, body)
		if err := client.CheckRequest(t.Context(), method, path, sent.Header, payload); err != nil {
			t.Error(err)
		}
	}
	return got
}

// send is call without the checks, for requests outside the contract.
func send(t *testing.T, method, path, token string, body any) (answer, http.Header) {
	t.Helper()
	request, _ := requestOf(t, method, path, token, body)
	response, err := httpClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := answer{status: response.StatusCode, header: response.Header, text: string(text)}
	if err := json.Unmarshal(text, &got.body); err != nil {
		t.Fatalf("%s %s answered %d with no JSON object: %s", method, path, got.status, text)
	}
	return got, response.Header
}

func requestOf(t *testing.T, method, path, token string, body any) (request *http.Request, payload []byte) {
	t.Helper()
	switch b := body.(type) {
	case nil:
	case string:
		payload = []byte(b)
	default:
		var err error
		if payload, err = json.Marshal(b); err != nil {
			t.Fatal(err)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), method, stage.URL()+path, bytes.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	if len(payload) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request, payload
}

// is fails the test if the response has another status, "error" or "message". It
// ignores an expected text that is empty.
func (a answer) is(t *testing.T, status int, name, message string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("answered %d, not %d: %s", a.status, status, a.text)
	}
	if name != "" && a.body["error"] != name {
		t.Errorf("the error is %v, not %s", a.body["error"], name)
	}
	if message != "" && a.body["message"] != message {
		t.Errorf("the message is %q, not %q", a.body["message"], message)
	}
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
	return map[string]any{
		"username": p.username, "email": p.email, "password": p.password,
		"name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace",
		"phone_number": "+442079460000", "birthdate": "12/10/1985",
		"address": "12 St James's Square, London, SW1Y 4LB, UK", "gender": "female",
		"marketing_consent": false,
	}
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
