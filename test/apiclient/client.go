// Package apiclient sends requests to a stage as the mobile app does, and checks what is
// sent and what comes back against the contract, api/openapi.yaml.
package apiclient

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/expenzez/infrastructure/test/contract"
)

// Client sends requests to one stage.
type Client struct {
	// URL is the stage's base URL, without a slash at its end.
	URL string
	// Contract is what requests and responses are checked against.
	Contract *contract.Contract
	// HTTP sends the requests.
	HTTP *http.Client
}

// Response is a response of the API. Its body is an object.
type Response struct {
	Status int
	Header http.Header
	Body   map[string]any
	// Text is the body as it was sent.
	Text string
}

// Call sends a request as the app does and checks the response against the contract. If
// the request succeeds, Call checks the request too, because a success proves something
// only for requests that the app may send. A string body is sent unchanged, nil sends
// no body, and any other value is sent as JSON. An empty token sends no Authorization
// header.
func (c *Client) Call(t *testing.T, method, path, token string, body any) Response {
	t.Helper()
	got := c.Send(t, method, path, token, body)
	if err := c.Contract.CheckResponse(t.Context(), method, path, got.Status, got.Header, []byte(got.Text)); err != nil {
		t.Errorf("%v\n%s", err, got.Text)
	}
	if got.Status < http.StatusMultipleChoices {
		sent, payload := c.request(t, method, path, token, body)
		if err := c.Contract.CheckRequest(t.Context(), method, path, sent.Header, payload); err != nil {
			t.Error(err)
		}
	}
	return got
}

// Send is Call without the checks, for requests outside the contract.
func (c *Client) Send(t *testing.T, method, path, token string, body any) Response {
	t.Helper()
	request, _ := c.request(t, method, path, token, body)
	return c.Do(t, request)
}

// Do sends a request. It fails the test if the response is no JSON object.
func (c *Client) Do(t *testing.T, request *http.Request) Response {
	t.Helper()
	response, err := c.HTTP.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := Response{Status: response.StatusCode, Header: response.Header, Text: string(text)}
	if err := json.Unmarshal(text, &got.Body); err != nil {
		t.Fatalf("%s %s answered %d with no JSON object: %s", request.Method, request.URL.Path, got.Status, text)
	}
	return got
}

func (c *Client) request(t *testing.T, method, path, token string, body any) (request *http.Request, payload []byte) {
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
	request, err := http.NewRequestWithContext(t.Context(), method, c.URL+path, bytes.NewReader(payload))
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

// Is fails the test if the response has another status, "error" or "message". It
// ignores an expected text that is empty.
func (r Response) Is(t *testing.T, status int, name, message string) {
	t.Helper()
	if r.Status != status {
		t.Fatalf("answered %d, not %d: %s", r.Status, status, r.Text)
	}
	if name != "" && r.Body["error"] != name {
		t.Errorf("the error is %v, not %s", r.Body["error"], name)
	}
	if message != "" && r.Body["message"] != message {
		t.Errorf("the message is %q, not %q", r.Body["message"], message)
	}
}

// Person is a user with an account.
type Person struct{ Username, Email, Password string }

// Form is what the sign-up form sends.
func (p Person) Form() map[string]any {
	return map[string]any{
		"username": p.Username, "email": p.Email, "password": p.Password,
		"name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace",
		"phone_number": "+442079460000", "birthdate": "12/10/1985",
		"address": "12 St James's Square, London, SW1Y 4LB, UK", "gender": "female",
		"marketing_consent": false,
	}
}
