package customauth

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/signinticket"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// Challenge handles the user pool's triggers of a sign-in by ticket. Cognito waits five
// seconds for a trigger.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
var Challenge = function.Define(function.Spec[*challenge]{
	Name:    "customauth-challenge",
	Purpose: "Takes a sign-in ticket for a password, as the triggers of the user pool.",
	New: func(resources *function.Resources) (*challenge, error) {
		return &challenge{tickets: signinticket.Open(resources), newNonce: signinticket.NewNonce}, nil
	},
	Events: []function.EventOf[*challenge]{
		function.OnUserPoolTrigger(function.DefineAuthChallenge, (*challenge).Define),
		function.OnUserPoolTrigger(function.CreateAuthChallenge, (*challenge).Create),
		function.OnUserPoolTrigger(function.VerifyAuthChallengeResponse, (*challenge).Verify),
	},
	Permissions: function.Permissions{Secrets: []*secrets.Secret{secrets.JWT}},
	Timeout:     5 * time.Second,
})

type challenge struct {
	tickets interface {
		// Check returns signinticket.ErrInvalid for an invalid ticket.
		Check(ctx context.Context, ticket, username, nonce string) error
	}
	newNonce func() string
}

const customChallenge = "CUSTOM_CHALLENGE"

// Define gives one challenge, then tokens for the right response. Everything
// else fails: a wrong response, another kind of challenge, a user who does not exist.
func (*challenge) Define(_ context.Context, event events.CognitoEventUserPoolsDefineAuthChallenge) (events.CognitoEventUserPoolsDefineAuthChallenge, error) {
	answers, response := event.Request.Session, &event.Response
	response.ChallengeName, response.IssueTokens, response.FailAuthentication = "", false, false
	switch {
	case len(answers) == 0: // for an unknown user as well, so that clients cannot tell
		response.ChallengeName = customChallenge
	case len(answers) == 1 && answers[0].ChallengeName == customChallenge && answers[0].ChallengeResult && !event.Request.UserNotFound:
		response.IssueTokens = true
	default:
		response.FailAuthentication = true
	}
	return event, nil
}

// Create makes the challenge: a nonce, which Cognito returns to the client and keeps for
// Verify.
func (c *challenge) Create(_ context.Context, event events.CognitoEventUserPoolsCreateAuthChallenge) (events.CognitoEventUserPoolsCreateAuthChallenge, error) {
	nonce := c.newNonce()
	event.Response.PublicChallengeParameters = map[string]string{signinticket.NonceParameter: nonce}
	event.Response.PrivateChallengeParameters = map[string]string{signinticket.NonceParameter: nonce}
	return event, nil
}

// Verify accepts a ticket that was issued for this user and this challenge. It returns
// an error, which ends the sign-in, when the ticket cannot be checked.
func (c *challenge) Verify(ctx context.Context, event events.CognitoEventUserPoolsVerifyAuthChallenge) (events.CognitoEventUserPoolsVerifyAuthChallenge, error) {
	ticket, _ := event.Request.ChallengeAnswer.(string)
	err := c.tickets.Check(ctx, ticket, event.UserName, event.Request.PrivateChallengeParameters[signinticket.NonceParameter])
	event.Response.AnswerCorrect = err == nil && !event.Request.UserNotFound
	if errors.Is(err, signinticket.ErrInvalid) {
		// Only the backend sends tickets: this is an attack, or a bug of the backend.
		telemetry.FromContext(ctx).WarnContext(ctx, "a sign-in ticket is refused", "error", err.Error())
		err = nil
	}
	return event, err
}
