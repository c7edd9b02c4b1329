package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// script answers Cognito's operations, by name; one with an exception's name answers
// that.
type script map[string]string

func (s script) RoundTrip(request *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	body, status := s[operation], http.StatusOK
	if strings.HasSuffix(body, "Exception") {
		body, status = fmt.Sprintf(`{"__type":%q,"message":"said Cognito"}`, body), http.StatusBadRequest
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: request}, nil
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
		"a user who may not sign in":  {"NotAuthorizedException", "", nil, errClosed},
		"an unconfirmed user":         {"UserNotConfirmedException", "", nil, errClosed},
		"nobody":                      {challenge, "NotAuthorizedException", nil, errClosed},
		"too many requests":           {"TooManyRequestsException", "", nil, errTooMany},
		"a trigger that fails":        {"UserLambdaValidationException", "", nil, apierror.Unavailable},
		"a trigger that takes long":   {challenge, "UnexpectedLambdaException", nil, apierror.Unavailable},
		"no secret to sign with":      {challenge, "", errBroken, errBroken},
		"another kind of challenge":   {`{"ChallengeName":"SOFTWARE_TOKEN_MFA"}`, "", nil, errAny},
		"a challenge after the right": {challenge, challenge, nil, errAny},
	} {
		pool := &userPool{poolID: "pool", clientID: "client", tickets: notary{try.issue}, client: cognito.New(cognito.Options{
			Region: "eu-west-2", Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1,
			HTTPClient: &http.Client{Transport: script{"AdminInitiateAuth": try.asked, "AdminRespondToAuthChallenge": try.answered}},
		})}
		issued, err := pool.SignInWithTicket(t.Context(), "ada")
		if ok := errors.Is(err, try.want) || try.want == errAny && err != nil; !ok || (issued.AccessToken != "") != (err == nil) {
			t.Errorf("%s: got %+v, %v", name, issued, err)
		}
	}
}

// errAny is any error.
var errAny = errors.New("any")
