package userpool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// poolWith returns a pool whose calls of Cognito the transport answers.
func poolWith(transport http.RoundTripper) *Pool {
	return &Pool{
		poolID: "pool", app: appClient{id: "client", secrets: fakeSecrets{secret: "client-secret"}}, tickets: fakeTickets{},
		client: cognito.New(cognito.Options{
			Region: "eu-west-2", Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1, HTTPClient: &http.Client{Transport: transport},
		}),
	}
}

// fakeSecrets has the secret of the app client, or fails.
type fakeSecrets struct {
	secret string
	err    error
}

func (s fakeSecrets) Get(context.Context, secrets.Key) (secretcache.Value, error) {
	return secretcache.NewValue(s.secret), s.err
}

// fakeTickets issues tickets that contain the username and the nonce, or fails.
type fakeTickets struct{ err error }

func (f fakeTickets) Issue(_ context.Context, username, nonce string) (string, error) {
	return username + " " + nonce, f.err
}

// answering answers every request with status 200 and the body that it returns.
type answering func(*http.Request) string

func (answer answering) RoundTrip(request *http.Request) (*http.Response, error) {
	return response(request, http.StatusOK, answer(request)), nil
}

// refusing answers every request with an exception.
type refusing struct{ exception, message string }

func (r refusing) RoundTrip(request *http.Request) (*http.Response, error) {
	return response(request, http.StatusBadRequest, fmt.Sprintf(`{"__type":%q,"message":%q}`, r.exception, r.message)), nil
}

// script has a body for each operation. The name of an exception as the body stands
// for that exception.
type script map[string]string

func (s script) RoundTrip(request *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	body := s[operation]
	if strings.HasSuffix(body, "Exception") {
		return refusing{body, "message of Cognito"}.RoundTrip(request)
	}
	return response(request, http.StatusOK, body), nil
}

func response(request *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: request}
}

var (
	errBroken = errors.New("broken")
	errAny    = errors.New("any") // in tables: an error that has no name
)
