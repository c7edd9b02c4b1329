package guard

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func userID(id string) string       { return "user#" + id }
func tokenMark(jti string) string   { return "token#" + jti }
func sessionMark(jti string) string { return "session#" + jti }

// revoked tells whether an item marks the subject's token, its session or all of
// its user's tokens as revoked.
func (s Subject) revoked(item map[string]types.AttributeValue) bool {
	if s.caller == nil {
		return false
	}
	if item[tokenMark(s.caller.TokenID)] != nil || item[sessionMark(s.caller.SessionID)] != nil {
		return true
	}
	until, ok := stands(item)["revokedUntil"]
	return ok && until >= s.caller.IssuedAt.Unix()
}

// Revocations revokes tokens. A revocation is listed in RevokedTokens and marked
// in the user's item, which every request is checked against.
type Revocations struct {
	db                      *dynamodb.Client
	limitsTable, tokenTable string
	now                     func() time.Time
	tokenLifetime           time.Duration
}

// NewRevocations returns revocations over the tables of these names.
// tokenLifetime is how long an access token lives: a revocation is kept as long.
func NewRevocations(db *dynamodb.Client, limitsTable, tokenTable string, tokenLifetime time.Duration, now func() time.Time) *Revocations {
	return &Revocations{db: db, limitsTable: limitsTable, tokenTable: tokenTable, now: now, tokenLifetime: tokenLifetime}
}

// Token revokes the caller's own token. It returns the errors of DynamoDB, as
// the others do.
func (r *Revocations) Token(ctx context.Context, caller function.Caller, reason string) error {
	return r.mark(ctx, caller.UserID, tokenMark(caller.TokenID), reason)
}

// Session revokes every token of one sign-in of a user, named by the origin_jti
// of its tokens.
func (r *Revocations) Session(ctx context.Context, user, session, reason string) error {
	return r.mark(ctx, user, sessionMark(session), reason)
}

// Everything revokes every token issued to a user until now. Tokens carry their
// time in whole seconds, so one issued later in the same second is revoked too.
func (r *Revocations) Everything(ctx context.Context, user, reason string) error {
	now := r.now()
	return r.write(ctx, user, userID(user), reason, "revokedUntil", now.Unix())
}

func (r *Revocations) mark(ctx context.Context, user, mark, reason string) error {
	return r.write(ctx, user, mark, reason, mark, r.now().Add(r.tokenLifetime).Unix())
}

// write lists the revocation and marks it in the user's item, both or neither.
func (r *Revocations) write(ctx context.Context, user, id, reason, attribute string, value int64) error {
	now := r.now()
	listed, err := attributevalue.MarshalMap(tables.RevokedToken{
		ID: id, UserID: user, RevokedAt: now.Unix(), ExpiresAt: now.Add(r.tokenLifetime).Unix(), Reason: reason,
	})
	if err != nil {
		return fmt.Errorf("revoke %s: %w", id, err)
	}
	_, err = r.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: aws.String(r.tokenTable), Item: listed}},
		{Update: &types.Update{
			TableName:                aws.String(r.limitsTable),
			Key:                      map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: userID(user)}},
			UpdateExpression:         aws.String("SET #mark = :value, expiresAt = :expires"),
			ExpressionAttributeNames: map[string]string{"#mark": attribute},
			ExpressionAttributeValues: map[string]types.AttributeValue{
				":value":   &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)},
				":expires": number(now.Add(memory).Unix()),
			},
		}},
	}})
	if err != nil {
		return fmt.Errorf("revoke %s: %w", id, err)
	}
	return nil
}
