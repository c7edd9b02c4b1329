package auth

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/transient"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The installed app waits 15 s for a refresh, and treats any status but 200 as the end
// of the session. So the function retries failures while the app waits. One second is
// reserved for the guard, and one for the network and a cold start.
const (
	refreshTimeout = 14 * time.Second
	// cognitoTimeout is for Cognito and the client's secret together. Cognito itself
	// waits 5 s for its trigger.
	cognitoTimeout, cognitoAttemptTimeout = 9 * time.Second, 5 * time.Second
	// readTimeout is for the revocations and the account, which are read at the same
	// time.
	readTimeout, readAttemptTimeout = 3 * time.Second, time.Second
)

// Refresh renews tokens. Cognito checks the refresh token, but does not know which
// sessions were revoked here.
var Refresh = function.Define(function.Spec[*refresh]{
	Name:     "auth-refresh",
	Purpose:  "Exchanges a refresh token for new access and ID tokens.",
	MemoryMB: waitingMB,
	New:      newRefresh,
	Timeout:  refreshTimeout,
	Routes: []function.RouteOf[*refresh]{
		// The app sends up to 13 requests at once, and retries. A source IP may belong
		// to a carrier, whose users all send their first refresh.
		function.Public("POST /auth/refresh", (*refresh).Refresh,
			function.WithLane(refreshRequest.secret, function.Limit{Requests: 60, Per: time.Minute}),
			function.Limits(function.Limit{Requests: 300, Per: time.Minute}),
			function.FailOpen(), function.StageShare(100)),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.GetItem),
			tables.RevokedTokens.Allow(tables.BatchGetItem),
			tables.SecurityEvents.Allow(tables.PutItem),
		},
		Keys: []function.KeyGrant{
			function.FieldKey.AllowFor(tables.Users, function.Decrypt),
			function.LookupKey.Allow(function.GenerateMac),
		},
		UserPoolClient: true,
	},
})

type refresh struct {
	pool interface {
		RefreshTokens(ctx context.Context, refreshToken string) (userpool.Tokens, error)
	}
	sessions interface {
		IsRevoked(ctx context.Context, session guard.Session) (bool, error)
	}
	accounts interface {
		// Get returns accounts.ErrNotFound when the user has no account.
		Get(ctx context.Context, userID string) (*tables.User, error)
	}
	events securityevents.EventRecorder
}

func newRefresh(resources *function.Resources) (*refresh, error) {
	return &refresh{
		pool:     userpool.OpenClient(resources),
		sessions: guard.OpenSessions(resources),
		accounts: accounts.Open(resources),
		events:   securityevents.Open(resources),
	}, nil
}

// refreshRequest has the refresh token. Cognito's tokens have at most 2048 characters
// (https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html),
// and the limit leaves room.
type refreshRequest struct {
	RefreshToken string `json:"refreshToken" validate:"required,max=8192"`
}

func (r refreshRequest) secret() string { return r.RefreshToken }

// Refresh renews the access and ID tokens. The response has no refresh token, so that
// the app keeps its own, which stays valid.
// Only the new tokens identify the session. The session is checked after Cognito issued
// the tokens and before the client gets them. A session that is revoked meanwhile is
// seen here, or its access token is older than the revocation and is refused.
func (r *refresh) Refresh(ctx context.Context, in refreshRequest) (sessionResponse, error) {
	renewed, err := r.requestTokens(ctx, in.RefreshToken)
	if err != nil {
		return sessionResponse{}, err
	}
	current, err := sessionOf(renewed.AccessToken)
	if err != nil {
		return sessionResponse{}, err
	}
	known, ended, err := r.readSession(ctx, current, renewed.AccessToken)
	if err != nil {
		return sessionResponse{}, err
	}
	if ended {
		return sessionResponse{}, errors.Join(userpool.ErrSessionEnded, r.events.Record(ctx, securityevents.Event{Kind: securityevents.EndedSessionUsed, UserID: current.UserID}))
	}
	renewed.RefreshToken = ""
	return sessionResponse{Tokens: renewed, User: known}, nil
}

// requestTokens repeats the request to Cognito until it succeeds. A repeated refresh
// does no harm.
func (r *refresh) requestTokens(ctx context.Context, refreshToken string) (renewed userpool.Tokens, err error) {
	ctx, cancel := context.WithTimeout(ctx, cognitoTimeout)
	defer cancel()
	err = transient.Retry(ctx, cognitoAttemptTimeout, func(ctx context.Context) (err error) {
		renewed, err = r.pool.RefreshTokens(ctx, refreshToken)
		return err
	})
	return renewed, err
}

// readSession returns the user and whether the session has ended. A failing read is
// logged and does not end the session.
func (r *refresh) readSession(ctx context.Context, current guard.Session, accessToken string) (known userResponse, ended bool, err error) {
	reading, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var account *tables.User
	var sessionErr, accountErr error
	var both sync.WaitGroup
	both.Go(func() {
		sessionErr = transient.Retry(reading, readAttemptTimeout, func(ctx context.Context) (err error) {
			ended, err = r.sessions.IsRevoked(ctx, current)
			return err
		})
	})
	both.Go(func() {
		accountErr = transient.Retry(reading, readAttemptTimeout, func(ctx context.Context) (err error) {
			account, err = r.accounts.Get(ctx, current.UserID)
			return err
		})
	})
	both.Wait()
	if sessionErr != nil {
		telemetry.FailedOpen(ctx, "revocations", sessionErr)
		ended = false
	}
	switch {
	case errors.Is(accountErr, accounts.ErrNotFound):
		return userResponse{}, false, userpool.ErrSessionEnded.Because(accountErr)
	case accountErr != nil:
		telemetry.FromContext(ctx).ErrorContext(ctx, "read account failed", "error", accountErr.Error())
		known, err = userOfToken(accessToken)
		return known, ended, err
	}
	return userOf(account), ended, nil
}

// userOfToken returns the user of an access token that Cognito has just issued: the id
// and the username, by which the app stores its data.
func userOfToken(accessToken string) (userResponse, error) {
	found, err := claimsOf(accessToken)
	return userResponse{ID: found.Subject, UserID: found.Subject, Sub: found.Subject, Username: found.Username}, err
}
