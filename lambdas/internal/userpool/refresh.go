package userpool

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// RefreshTokens exchanges a refresh token for new access and ID tokens
// (GetTokensFromRefreshToken). The refresh token stays valid, because the installed app
// keeps using it.
func (p *Pool) RefreshTokens(ctx context.Context, refreshToken string) (Tokens, error) {
	secret, err := p.app.secret(ctx)
	if err != nil {
		return Tokens{}, err
	}
	out, err := p.client.GetTokensFromRefreshToken(ctx, &cognito.GetTokensFromRefreshTokenInput{
		ClientId: aws.String(p.app.id), ClientSecret: secret, RefreshToken: aws.String(refreshToken),
	})
	if err != nil {
		return Tokens{}, exceptionErrors{
			"NotAuthorizedException":         ErrSessionEnded,
			"UserNotFoundException":          ErrSessionEnded,
			"InvalidParameterException":      ErrSessionEnded,
			"PasswordResetRequiredException": ErrSessionEnded,
			"TooManyRequestsException":       apierror.Unavailable.After(time.Second), // the limit of all clients together
			"UnexpectedLambdaException":      apierror.Unavailable.After(time.Second), // the PreTokenGeneration trigger failed
		}.translate("refresh", err)
	}
	if out.AuthenticationResult == nil {
		return Tokens{}, errors.New("refresh: there are no tokens in the answer")
	}
	return tokensOf(out.AuthenticationResult), nil
}
