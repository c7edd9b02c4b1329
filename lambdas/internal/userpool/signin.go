package userpool

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// SignIn exchanges a password for tokens (AdminInitiateAuth).
func (p *Pool) SignIn(ctx context.Context, username, password string) (Tokens, error) {
	secretHash, err := p.app.secretHash(ctx, username)
	if err != nil {
		return Tokens{}, err
	}
	out, err := p.client.AdminInitiateAuth(ctx, &cognito.AdminInitiateAuthInput{
		UserPoolId:     aws.String(p.poolID),
		ClientId:       aws.String(p.app.id),
		AuthFlow:       types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": username, "PASSWORD": password, "SECRET_HASH": secretHash},
		ContextData:    signInContext(ctx),
	})
	if err != nil {
		return Tokens{}, signInErrors(err).translate("sign in", err)
	}
	if out.AuthenticationResult == nil {
		return Tokens{}, fmt.Errorf("sign in: challenge %q is not supported", out.ChallengeName)
	}
	return tokensOf(out.AuthenticationResult), nil
}

// signInErrors returns the errors of a sign-in. Cognito has one exception for a locked
// user and for a wrong password, so its message decides which error the client gets.
func signInErrors(err error) exceptionErrors {
	known := exceptionErrors{
		"NotAuthorizedException":         ErrWrongPassword,
		"UserNotFoundException":          ErrWrongPassword,
		"InvalidParameterException":      ErrWrongPassword,
		"UserNotConfirmedException":      ErrNotConfirmed,
		"PasswordResetRequiredException": ErrPasswordResetRequired,
	}
	if strings.Contains(err.Error(), "Password attempts exceeded") {
		known["NotAuthorizedException"] = ErrTooManyAttempts
	}
	return known
}

// signInContext returns what Cognito's threat protection assesses a sign-in by: the
// client's source IP and user agent. It returns nil for a source IP that does not
// parse, because Cognito would refuse the request.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-adaptive-authentication.html
func signInContext(ctx context.Context) *types.ContextDataType {
	request := function.RequestOf(ctx)
	if _, err := netip.ParseAddr(request.SourceIP); err != nil {
		return nil
	}
	return &types.ContextDataType{
		IpAddress:  aws.String(request.SourceIP),
		ServerName: aws.String("backend"),
		ServerPath: aws.String("/auth/login"),
		HttpHeaders: []types.HttpHeader{
			{HeaderName: aws.String("User-Agent"), HeaderValue: aws.String(request.UserAgent)},
		},
	}
}
