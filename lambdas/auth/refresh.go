package auth

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Refresh renews tokens. Cognito takes the refresh token itself as proof, but
// does not know which sessions were revoked here.
var Refresh = function.Define(function.Spec[*refresh]{
	Name:    "auth-refresh",
	Purpose: "Exchanges a refresh token for new access and ID tokens.",
	New:     newRefresh,
	Routes: []function.RouteOf[*refresh]{
		function.Public("POST /auth/refresh", (*refresh).Refresh, function.StageShare(100)),
	},
	Rights: function.Rights{
		Tables:         []tables.Grant{tables.RevokedTokens.Allow(tables.BatchGetItem), tables.SecurityEvents.Allow(tables.PutItem)},
		Keys:           []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
		UserPoolClient: true,
	},
})

type refresh struct {
	pool interface {
		Refresh(ctx context.Context, refreshToken string) (tokens, error)
	}
	sessions interface {
		Ended(ctx context.Context, session guard.Session) (bool, error)
	}
	events recorder
}

func newRefresh(env *function.Environment) (*refresh, error) {
	return &refresh{
		pool:     &userPool{client: cognitoidentityprovider.NewFromConfig(env.AWS), app: openPoolClient(env)},
		sessions: guard.OpenSessions(env),
		events:   securityevents.Open(env),
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
//
// Only the new tokens say which session it is. They are looked at after Cognito
// has issued them and before anybody has them, so a session that is revoked
// meanwhile is seen here, or its access token is older than the revocation and
// refused with it.
func (r *refresh) Refresh(ctx context.Context, in renewal) (tokens, error) {
	renewed, err := r.pool.Refresh(ctx, in.RefreshToken)
	if err != nil {
		return tokens{}, err
	}
	session, err := sessionOf(renewed.AccessToken)
	if err != nil {
		return tokens{}, err
	}
	ended, err := r.sessions.Ended(ctx, session)
	if err != nil {
		return tokens{}, err
	}
	if ended {
		return tokens{}, errors.Join(errSessionEnded, r.events.Record(ctx, securityevents.Event{Kind: securityevents.EndedSessionUsed, UserID: session.UserID}))
	}
	renewed.RefreshToken = ""
	return renewed, nil
}
