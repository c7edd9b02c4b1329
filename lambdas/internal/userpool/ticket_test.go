package userpool

import (
	"errors"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

func TestSignInWithTicket_Exceptions_ReturnErrors(t *testing.T) {
	const challenge = `{"ChallengeName":"CUSTOM_CHALLENGE","Session":"s","ChallengeParameters":{"nonce":"n"}}`
	for name, try := range map[string]struct {
		asked, answered string
		issue, want     error
	}{
		"tokens":                      {challenge, `{"AuthenticationResult":{"AccessToken":"a"}}`, nil, nil},
		"a user who may not sign in":  {"NotAuthorizedException", "", nil, ErrSignInNotAllowed},
		"an unconfirmed user":         {"UserNotConfirmedException", "", nil, ErrSignInNotAllowed},
		"a password of a breach":      {"PasswordResetRequiredException", "", nil, ErrPasswordResetRequired},
		"nobody":                      {challenge, "NotAuthorizedException", nil, ErrSignInNotAllowed},
		"too many requests":           {"TooManyRequestsException", "", nil, ErrTooManyAttempts},
		"a trigger that fails":        {"UserLambdaValidationException", "", nil, apierror.Unavailable},
		"a trigger that takes long":   {challenge, "UnexpectedLambdaException", nil, apierror.Unavailable},
		"no secret to sign with":      {challenge, "", errBroken, errBroken},
		"another kind of challenge":   {`{"ChallengeName":"SOFTWARE_TOKEN_MFA"}`, "", nil, errAny},
		"a challenge after the right": {challenge, challenge, nil, errAny},
	} {
		pool := poolWith(script{"AdminInitiateAuth": try.asked, "AdminRespondToAuthChallenge": try.answered})
		pool.tickets = fakeTickets{try.issue}
		issued, err := pool.SignInWithTicket(t.Context(), "ada")
		if ok := errors.Is(err, try.want) || try.want == errAny && err != nil; !ok || (issued.AccessToken != "") != (err == nil) {
			t.Errorf("%s: got %+v, %v", name, issued, err)
		}
	}
}
