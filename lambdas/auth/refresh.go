package auth

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// Refresh renews tokens. It has no right but to know the client id: Cognito
// takes the refresh token itself as proof.
var Refresh = function.Define(function.Spec[*refresh]{
	Name:    "auth-refresh",
	Purpose: "Exchanges a refresh token for new access and ID tokens.",
	New:     newRefresh,
	Routes: []function.RouteOf[*refresh]{
		function.Public("POST /auth/refresh", (*refresh).Refresh),
	},
	Rights: function.Rights{UserPoolClient: true},
})

type refresh struct {
	pool interface {
		Refresh(ctx context.Context, refreshToken string) (tokens, error)
	}
}

func newRefresh(env *function.Environment) (*refresh, error) {
	return &refresh{
		pool: &userPool{client: cognitoidentityprovider.NewFromConfig(env.AWS), clientID: env.UserPoolClient()},
	}, nil
}

// renewal carries the refresh token; Cognito's are at most 2048 characters long
// (https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html),
// and the limit leaves room.
type renewal struct {
	RefreshToken string `json:"refreshToken" validate:"required,max=8192"`
}

// Refresh renews the access and ID tokens and leaves the refresh token valid.
// The answer holds no refresh token, so that the app keeps the one it has.
func (r *refresh) Refresh(ctx context.Context, in renewal) (tokens, error) {
	renewed, err := r.pool.Refresh(ctx, in.RefreshToken)
	renewed.RefreshToken = ""
	return renewed, err
}
