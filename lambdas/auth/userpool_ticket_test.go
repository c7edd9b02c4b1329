package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// script answers Cognito's operations, by name; one with an exception's name answers
// that.
type script map[string]string

func (s script) RoundTrip(request *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	body := s[operation]
	if strings.HasSuffix(body, "Exception") {
		return refusing{body, "said Cognito"}.RoundTrip(request)
	}
	return answerTo(request, http.StatusOK, body), nil
}

// refusing answers everything with an exception.
type refusing struct{ exception, message string }

func (r refusing) RoundTrip(request *http.Request) (*http.Response, error) {
	return answerTo(request, http.StatusBadRequest, fmt.Sprintf(`{"__type":%q,"message":%q}`, r.exception, r.message)), nil
}

func answerTo(request *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: request}
}

// notary issues a ticket that says whom and which challenge it is for.
type notary struct{ fail error }

func (n notary) Issue(_ context.Context, username, nonce string) (string, error) {
	return username + " " + nonce, n.fail
}

func TestATicketIsNotAlwaysGoodForTokens(t *testing.T) {
	const challenge = `{"ChallengeName":"CUSTOM_CHALLENGE","Session":"s","ChallengeParameters":{"nonce":"n"}}`
	for name, try := range map[string]struct {
		asked, answered string
		issue, want     error
	}{
		"tokens":                      {challenge, `{"AuthenticationResult":{"AccessToken":"a"}}`, nil, nil},
		"a user who may not sign in":  {"NotAuthorizedException", "", nil, errSignInNotAllowed},
		"an unconfirmed user":         {"UserNotConfirmedException", "", nil, errSignInNotAllowed},
		"a password of a breach":      {"PasswordResetRequiredException", "", nil, errResetRequired},
		"nobody":                      {challenge, "NotAuthorizedException", nil, errSignInNotAllowed},
		"too many requests":           {"TooManyRequestsException", "", nil, errTooMany},
		"a trigger that fails":        {"UserLambdaValidationException", "", nil, apierror.Unavailable},
		"a trigger that takes long":   {challenge, "UnexpectedLambdaException", nil, apierror.Unavailable},
		"no secret to sign with":      {challenge, "", errBroken, errBroken},
		"another kind of challenge":   {`{"ChallengeName":"SOFTWARE_TOKEN_MFA"}`, "", nil, errAny},
		"a challenge after the right": {challenge, challenge, nil, errAny},
	} {
		pool := poolWith(script{"AdminInitiateAuth": try.asked, "AdminRespondToAuthChallenge": try.answered})
		pool.tickets = notary{try.issue}
		issued, err := pool.SignInWithTicket(t.Context(), "ada")
		if ok := errors.Is(err, try.want) || try.want == errAny && err != nil; !ok || (issued.AccessToken != "") != (err == nil) {
			t.Errorf("%s: got %+v, %v", name, issued, err)
		}
	}
}

// errAny is any error.
var errAny = errors.New("any")
