package guard

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func tokenMark(jti string) string   { return tables.TokenMark + jti }
func sessionMark(jti string) string { return tables.SessionMark + jti }

// isRevoked reports whether an item marks the key's token, its session or all of its
// user's tokens as revoked.
func (s LimitKey) isRevoked(item map[string]types.AttributeValue) bool {
	if s.caller == nil {
		return false
	}
	if item[tokenMark(s.caller.TokenID)] != nil || item[sessionMark(s.caller.SessionID)] != nil {
		return true
	}
	until, ok := spentUntil(item)[tables.RevokedUntil]
	return ok && until >= s.caller.IssuedAt.Unix()
}

// Revocations revokes tokens. A revocation is listed in RevokedTokens, which Sessions
// reads when a client renews its tokens. It is also marked in the user's item, which
// every request reads.
type Revocations struct {
	limits *store.Table[store.SealedItem]
	listed *store.Table[tables.RevokedToken]
	now    func() time.Time
}

// OpenRevocations returns revocations for a function that declares PutItem on
// RevokedTokens and UpdateItem on RateLimits. RevokeToken and RevokeSession also need
// GetItem on RateLimits.
func OpenRevocations(resources *function.Resources) *Revocations {
	return NewRevocations(dynamodb.NewFromConfig(resources.AWS), resources.Table(tables.RateLimits), resources.Table(tables.RevokedTokens), time.Now)
}

// NewRevocations returns revocations over the tables of these names.
func NewRevocations(client store.Client, limitsTable, tokenTable string, now func() time.Time) *Revocations {
	return &Revocations{
		limits: store.New[store.SealedItem](client, limitsTable, tables.RateLimits),
		listed: store.New[tables.RevokedToken](client, tokenTable, tables.RevokedTokens),
		now:    now,
	}
}

// RevokeToken revokes the caller's own token. Like the other methods, it returns the
// errors of the store.
func (r *Revocations) RevokeToken(ctx context.Context, caller function.Caller, reason string) error {
	mark := tokenMark(caller.TokenID)
	return r.mark(ctx, caller.UserID, mark, r.entry(caller.UserID, mark, reason, function.MaxAccessTokenLife))
}

// RevokeSession revokes every token of one sign-in of a user, which the tokens name
// in origin_jti. Access tokens end at once, and the refresh token ends too.
func (r *Revocations) RevokeSession(ctx context.Context, user, session, reason string) error {
	mark := sessionMark(session)
	return r.mark(ctx, user, mark, r.entry(user, mark, reason, function.MaxRefreshTokenLife))
}

// RevokeRefreshToken ends a session that is no longer used. Its refresh token is
// revoked, and its access tokens expire. It writes no mark, because every later
// request of the user would pay for reading the mark.
func (r *Revocations) RevokeRefreshToken(ctx context.Context, user, session, reason string) error {
	return r.listed.Put(ctx, r.entry(user, sessionMark(session), reason, function.MaxRefreshTokenLife))
}

// RevokeAllTokens revokes every token issued to a user until now. Tokens carry their
// time in whole seconds, so a token issued later in the same second is revoked too.
func (r *Revocations) RevokeAllTokens(ctx context.Context, user, reason string) error {
	change := expression.Set(expression.Name(tables.RevokedUntil), expression.Value(r.now().Unix()))
	return r.write(ctx, user, change, r.entry(user, userID(user), reason, function.MaxRefreshTokenLife))
}

func (r *Revocations) entry(user, id, reason string, life time.Duration) tables.RevokedToken {
	now := r.now()
	return tables.RevokedToken{ID: id, Subject: userID(user), RevokedAt: now.Unix(), ExpiresAt: now.Add(life).Unix(), Reason: reason}
}

// mark adds a mark to the user's item, and removes expired marks. Every request
// writes the item, and its size determines the cost.
func (r *Revocations) mark(ctx context.Context, user, mark string, entry tables.RevokedToken) error {
	item, err := r.limits.Get(ctx, store.Key{userID(user)}, store.Eventual)
	if errors.Is(err, store.ErrNotFound) {
		item, err = &store.SealedItem{}, nil
	}
	if err != nil {
		return err
	}
	now := r.now()
	change := expression.Set(expression.NameNoDotSplit(mark), expression.Value(now.Add(function.MaxAccessTokenLife).Unix()))
	for name, until := range spentUntil(*item) {
		if name != mark && isMark(name) && until < now.Unix() {
			change = change.Remove(expression.NameNoDotSplit(name))
		}
	}
	return r.write(ctx, user, change, entry)
}

func isMark(attribute string) bool {
	return strings.HasPrefix(attribute, tables.TokenMark) || strings.HasPrefix(attribute, tables.SessionMark)
}

// write lists the revocation and marks it in the user's item, in one transaction.
func (r *Revocations) write(ctx context.Context, user string, change expression.UpdateBuilder, entry tables.RevokedToken) error {
	change = change.Set(expression.Name("expiresAt"), expression.Value(r.now().Add(itemTTL).Unix()))
	return r.limits.Transact(ctx, r.listed.TxPut(entry), r.limits.TxUpsert(store.Key{userID(user)}, change))
}
