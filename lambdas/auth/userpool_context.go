package auth

import (
	"context"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// signInContext is what Cognito's threat protection judges a sign-in by: the
// client's address and what it says it is, not the function's. It is nil where
// the address is none, which Cognito would refuse.
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
