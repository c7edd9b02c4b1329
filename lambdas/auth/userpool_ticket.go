package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/signinticket"
)

// errSignInNotAllowed is for an account that Cognito lets nobody into, whatever they prove.
var errSignInNotAllowed = apierror.New(http.StatusBadRequest, "NotAuthorizedException", "This account cannot be signed in to. Please contact us.")

// ticketIssuer issues sign-in tickets.
type ticketIssuer interface {
	Issue(ctx context.Context, username, nonce string) (string, error)
}

// SignInWithTicket signs in a user who has proven who they are elsewhere: it has the
// user challenged and answers with a ticket (package signinticket). It returns
// errSignInNotAllowed for a user who does not exist or may not sign in, and errResetRequired for
// one whose password Cognito knows from a breach (config.Config.ThreatProtection).
func (p *userPool) SignInWithTicket(ctx context.Context, username string) (tokens, error) {
	refused := failures{
		"NotAuthorizedException":         errSignInNotAllowed,
		"UserNotFoundException":          errSignInNotAllowed,
		"UserNotConfirmedException":      errSignInNotAllowed,
		"PasswordResetRequiredException": errResetRequired,
		// The triggers fail or take too long, as they do without their secret.
		"UserLambdaValidationException": apierror.Unavailable.After(time.Second),
		"UnexpectedLambdaException":     apierror.Unavailable.After(time.Second),
	}
	proof, err := p.app.secretHash(ctx, username)
	if err != nil {
		return tokens{}, err
	}
	asked, err := p.client.AdminInitiateAuth(ctx, &cognito.AdminInitiateAuthInput{
		UserPoolId:     aws.String(p.poolID),
		ClientId:       aws.String(p.app.id),
		AuthFlow:       types.AuthFlowTypeCustomAuth,
		AuthParameters: map[string]string{"USERNAME": username, "SECRET_HASH": proof},
	})
	if err != nil {
		return tokens{}, refused.translate("ask for a challenge", err)
	}
	if asked.ChallengeName != types.ChallengeNameTypeCustomChallenge {
		return tokens{}, fmt.Errorf("sign in with a ticket: challenge %q is not supported", asked.ChallengeName)
	}
	ticket, err := p.tickets.Issue(ctx, username, asked.ChallengeParameters[signinticket.NonceParameter])
	if err != nil {
		return tokens{}, err
	}
	answered, err := p.client.AdminRespondToAuthChallenge(ctx, &cognito.AdminRespondToAuthChallengeInput{
		UserPoolId:         aws.String(p.poolID),
		ClientId:           aws.String(p.app.id),
		ChallengeName:      types.ChallengeNameTypeCustomChallenge,
		Session:            asked.Session,
		ChallengeResponses: map[string]string{"USERNAME": username, "SECRET_HASH": proof, "ANSWER": ticket},
	})
	if err != nil {
		return tokens{}, refused.translate("answer the challenge", err)
	}
	if answered.AuthenticationResult == nil {
		return tokens{}, errors.New("sign in with a ticket: another challenge follows")
	}
	return tokensOf(answered.AuthenticationResult), nil
}
