package guard

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Session is one sign-in, as the claims of its tokens name it.
type Session struct {
	// UserID is the subject (sub).
	UserID string
	// ID is shared by all tokens of the sign-in (origin_jti).
	ID string
	// Began is when the user signed in (auth_time), in whole seconds.
	Began time.Time
}

// Sessions tells which sessions have ended. Cognito can revoke one session only to
// whoever has its refresh token, so a renewal of tokens is checked here instead.
type Sessions struct {
	listed *store.Table[tables.RevokedToken]
}

// OpenSessions returns the sessions for a function that declares BatchGetItem on
// RevokedTokens.
func OpenSessions(env *function.Environment) *Sessions {
	return NewSessions(dynamodb.NewFromConfig(env.AWS), env.Table(tables.RevokedTokens))
}

// NewSessions returns the sessions over the table of this name.
func NewSessions(client store.Client, tokenTable string) *Sessions {
	return &Sessions{store.New[tables.RevokedToken](client, tokenTable, tables.RevokedTokens)}
}

// Ended tells whether the session was revoked, or everything was that was issued
// to its user when it had begun. It returns the errors of the store.
func (s *Sessions) Ended(ctx context.Context, session Session) (bool, error) {
	own, all := sessionMark(session.ID), userID(session.UserID)
	listed, err := s.listed.GetAll(ctx, []store.Key{{own}, {all}}, store.Consistent)
	if err != nil {
		return false, err
	}
	for _, revoked := range listed {
		if revoked.ID == own || revoked.RevokedAt >= session.Began.Unix() {
			return true, nil
		}
	}
	return false, nil
}
