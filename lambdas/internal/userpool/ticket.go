package userpool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/signinticket"
)

// SignInWithTicket signs in a user whose identity another provider has verified. It
// starts a custom challenge (AdminInitiateAuth) and answers it with a ticket of package
// signinticket (AdminRespondToAuthChallenge). It returns ErrSignInNotAllowed for a user
// who does not exist or may not sign in. It returns ErrPasswordResetRequired for a user
// whose password Cognito knows from a breach (config.Config.ThreatProtection).
func (p *Pool) SignInWithTicket(ctx context.Context, username string) (Tokens, error) {
	known := exceptionErrors{
		"NotAuthorizedException":         ErrSignInNotAllowed,
		"UserNotFoundException":          ErrSignInNotAllowed,
		"UserNotConfirmedException":      ErrSignInNotAllowed,
		"PasswordResetRequiredException": ErrPasswordResetRequired,
		// The triggers fail or time out, for example without their secret.
		"UserLambdaValidationException": apierror.Unavailable.After(time.Second),
		"UnexpectedLambdaException":     apierror.Unavailable.After(time.Second),
	}
	secretHash, err := p.app.secretHash(ctx, username)
	if err != nil {
		return Tokens{}, err
	}
	challenge, err := p.client.AdminInitiateAuth(ctx, &cognito.AdminInitiateAuthInput{
		UserPoolId:     aws.String(p.poolID),
		ClientId:       aws.String(p.app.id),
		AuthFlow:       types.AuthFlowTypeCustomAuth,
		AuthParameters: map[string]string{"USERNAME": username, "SECRET_HASH": secretHash},
	})
	if err != nil {
		return Tokens{}, known.translate("ask for a challenge", err)
	}
	if challenge.ChallengeName != types.ChallengeNameTypeCustomChallenge {
		return Tokens{}, fmt.Errorf("sign in with a ticket: challenge %q is not supported", challenge.ChallengeName)
	}
	ticket, err := p.tickets.Issue(ctx, username, challenge.ChallengeParameters[signinticket.NonceParameter])
	if err != nil {
		return Tokens{}, err
	}
	out, err := p.client.AdminRespondToAuthChallenge(ctx, &cognito.AdminRespondToAuthChallengeInput{
		UserPoolId:         aws.String(p.poolID),
		ClientId:           aws.String(p.app.id),
		ChallengeName:      types.ChallengeNameTypeCustomChallenge,
		Session:            challenge.Session,
		ChallengeResponses: map[string]string{"USERNAME": username, "SECRET_HASH": secretHash, "ANSWER": ticket},
	})
	if err != nil {
		return Tokens{}, known.translate("answer the challenge", err)
	}
	if out.AuthenticationResult == nil {
		return Tokens{}, errors.New("sign in with a ticket: another challenge follows")
	}
	return tokensOf(out.AuthenticationResult), nil
}
