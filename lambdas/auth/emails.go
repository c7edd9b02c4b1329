package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// errEmailTaken is returned for an e-mail address that belongs to an account or
// to a registration under way.
var errEmailTaken = errors.New("the e-mail address is taken")

// claimLifetime is how long an unfinished registration holds its address. A
// registration lives at most as long as its function's timeout, which is
// seconds; after a crash the address is free again when this has passed.
const claimLifetime = 2 * time.Minute

// emails keeps the UserEmails table: which account has which address.
type emails struct {
	db    *dynamodb.Client
	table string
	index *blindindex.Index
	now   func() time.Time
}

func newEmails(env *function.Environment) *emails {
	return &emails{
		db:    dynamodb.NewFromConfig(env.AWS),
		table: env.Table(tables.UserEmails),
		index: blindindex.New(kms.NewFromConfig(env.AWS), env.Key(function.LookupKey)),
		now:   time.Now,
	}
}

func (s *emails) key(hash string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"emailHash": &types.AttributeValueMemberS{Value: hash}}
}

// Username returns the username of the account that has the address, and false
// when no account has it.
func (s *emails) Username(ctx context.Context, address string) (string, bool, error) {
	hash, err := s.index.Email(ctx, address)
	if err != nil {
		return "", false, err
	}
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(s.table),
		Key:            s.key(hash),
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return "", false, fmt.Errorf("find e-mail address: %w", err)
	}
	var item tables.UserEmail
	if err := attributevalue.UnmarshalMap(out.Item, &item); err != nil {
		return "", false, fmt.Errorf("find e-mail address: %w", err)
	}
	return item.Username, item.UserID != "", nil
}

// emailClaim is a hold on an address during a registration.
type emailClaim struct{ hash, id string }

// Claim holds the address for a registration, or returns errEmailTaken. A claim
// that a crash left behind gives way when it has lapsed.
func (s *emails) Claim(ctx context.Context, address, username string) (emailClaim, error) {
	hash, err := s.index.Email(ctx, address)
	if err != nil {
		return emailClaim{}, err
	}
	claim := emailClaim{hash: hash, id: rand.Text()}
	item, err := attributevalue.MarshalMap(tables.UserEmail{
		EmailHash: hash,
		Username:  username,
		ClaimID:   claim.id,
		ExpiresAt: s.now().Add(claimLifetime).Unix(),
	})
	if err != nil {
		return emailClaim{}, fmt.Errorf("claim e-mail address: %w", err)
	}
	_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:           aws.String(s.table),
		Item:                item,
		ConditionExpression: aws.String("attribute_not_exists(emailHash) OR expiresAt < :now"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":now": &types.AttributeValueMemberN{Value: strconv.FormatInt(s.now().Unix(), 10)},
		},
	})
	var taken *types.ConditionalCheckFailedException
	if errors.As(err, &taken) {
		return emailClaim{}, errEmailTaken
	}
	if err != nil {
		return emailClaim{}, fmt.Errorf("claim e-mail address: %w", err)
	}
	return claim, nil
}

// Release gives the address up after a registration that failed. Releasing a
// claim that has lapsed and passed to another does nothing.
func (s *emails) Release(ctx context.Context, claim emailClaim) error {
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:                 aws.String(s.table),
		Key:                       s.key(claim.hash),
		ConditionExpression:       aws.String("claimId = :claim"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":claim": &types.AttributeValueMemberS{Value: claim.id}},
	})
	var lapsed *types.ConditionalCheckFailedException
	if err != nil && !errors.As(err, &lapsed) {
		return fmt.Errorf("release e-mail address: %w", err)
	}
	return nil
}

// completion returns the write that turns a claim into the account's address,
// to be part of the transaction that creates the account. It fails there when
// the claim has lapsed and passed to another.
func (s *emails) completion(claim emailClaim, userID string) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName:           aws.String(s.table),
		Key:                 s.key(claim.hash),
		UpdateExpression:    aws.String("SET userId = :user REMOVE claimId, expiresAt"),
		ConditionExpression: aws.String("claimId = :claim"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":claim": &types.AttributeValueMemberS{Value: claim.id},
			":user":  &types.AttributeValueMemberS{Value: userID},
		},
	}}
}
