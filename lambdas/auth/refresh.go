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

// The installed app waits 15 s for a renewal and takes any answer but 200 for the
// end of the session, so the function repeats what failed for as long as the app
// waits. A second goes to the guard, and a second to the network and a cold start.
const (
	refreshTimeout = 14 * time.Second
	// cognitoTimeout is for Cognito and the client's secret together. Cognito itself
	// waits 5 s for its trigger.
	cognitoTimeout, cognitoAttemptTimeout = 9 * time.Second, 5 * time.Second
	// readTimeout is for the revocations and the account, which are read together.
	readTimeout, readAttemptTimeout = 3 * time.Second, time.Second
)

// RefreshTokens renews tokens. Cognito takes the refresh token itself as proof, but
// does not know which sessions were revoked here.
var Refresh = function.Define(function.Spec[*refresh]{
	Name:    "auth-refresh",
	Purpose: "Exchanges a refresh token for new access and ID tokens.",
	New:     newRefresh,
	Timeout: refreshTimeout,
	Routes: []function.RouteOf[*refresh]{
		// The app sends up to 13 requests at once, and a user has several attempts.
		// An address may be a carrier's, whose users renew once for the first time.
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

// refreshRequest carries the refresh token; Cognito's are at most 2048 characters long
// (https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html),
// and the limit leaves room.
type refreshRequest struct {
	RefreshToken string `json:"refreshToken" validate:"required,max=8192"`
}

func (r refreshRequest) secret() string { return r.RefreshToken }

// RefreshTokens renews the access and ID tokens and leaves the refresh token valid.
// The response holds no refresh token, so that the app keeps the one it has.
//
// Only the new tokens say which session it is. They are looked at after Cognito
// has issued them and before the client has them, so a session that is revoked
// meanwhile is seen here, or its access token is older than the revocation and
// refused with it.
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

// requestTokens asks Cognito until it answers. Renewing twice is as good as once.
func (r *refresh) requestTokens(ctx context.Context, refreshToken string) (renewed userpool.Tokens, err error) {
	ctx, cancel := context.WithTimeout(ctx, cognitoTimeout)
	defer cancel()
	err = transient.Retry(ctx, cognitoAttemptTimeout, func(ctx context.Context) (err error) {
		renewed, err = r.pool.RefreshTokens(ctx, refreshToken)
		return err
	})
	return renewed, err
}

// readSession returns the user and whether the session has ended. What cannot be read
// costs no user the session: the renewal goes on, and the log says so.
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
		telemetry.FromContext(ctx).ErrorContext(ctx, "account read failed", "error", accountErr.Error())
		known, err = userOfToken(accessToken)
		return known, ended, err
	}
	return userOf(account), ended, nil
}

// userOfToken returns what an access token that has just come from Cognito tells
// of its user: the id and the username, by which the app files what it does.
func userOfToken(accessToken string) (userResponse, error) {
	found, err := claimsOf(accessToken)
	return userResponse{ID: found.Subject, UserID: found.Subject, Sub: found.Subject, Username: found.Username}, err
}
