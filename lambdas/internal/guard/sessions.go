package guard

import (
	"context"
	"slices"
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

// Sessions finds out which sessions have ended. Cognito revokes a single session only
// with its refresh token, so the renewal of tokens checks here.
type Sessions struct {
	listed *store.Table[tables.RevokedToken]
}

// OpenSessions returns the sessions for a function that declares BatchGetItem on
// RevokedTokens.
func OpenSessions(resources *function.Resources) *Sessions {
	return NewSessions(dynamodb.NewFromConfig(resources.AWS), resources.Table(tables.RevokedTokens))
}

// NewSessions returns the sessions over the table of this name.
func NewSessions(client store.Client, tokenTable string) *Sessions {
	return &Sessions{store.New[tables.RevokedToken](client, tokenTable, tables.RevokedTokens)}
}

// IsRevoked reports whether the session was revoked, by itself or with all tokens of
// its user. It returns the errors of the store.
func (s *Sessions) IsRevoked(ctx context.Context, session Session) (bool, error) {
	live, err := s.Live(ctx, session.UserID, session)
	return err == nil && len(live) == 0, err
}

// Live returns the user's sessions that have not ended, in their order. It returns
// the errors of the store.
func (s *Sessions) Live(ctx context.Context, user string, sessions ...Session) ([]Session, error) {
	if len(sessions) == 0 {
		return nil, nil
	}
	keys := []store.Key{{userID(user)}}
	for _, session := range sessions {
		keys = append(keys, store.Key{sessionMark(session.ID)})
	}
	listed, err := s.listed.GetAll(ctx, keys, store.Consistent)
	if err != nil {
		return nil, err
	}
	ended := map[string]int64{}
	for _, revoked := range listed {
		ended[revoked.ID] = revoked.RevokedAt
	}
	until, all := ended[userID(user)]
	return slices.DeleteFunc(slices.Clone(sessions), func(session Session) bool {
		_, one := ended[sessionMark(session.ID)]
		return one || all && until >= session.Began.Unix()
	}), nil
}
