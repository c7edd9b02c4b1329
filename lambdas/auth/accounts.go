package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// errNoAccount is returned for a user id that has no account.
var errNoAccount = errors.New("there is no account with this id")

// accounts keeps the Users table. It seals and opens personal fields.
type accounts struct {
	db    *dynamodb.Client
	table string
	users *fieldcrypt.Schema[tables.User]
	keys  *fieldcrypt.Keys
	now   func() time.Time
}

func newAccounts(env *function.Environment) *accounts {
	return &accounts{
		db:    dynamodb.NewFromConfig(env.AWS),
		table: env.Table(tables.Users),
		users: fieldcrypt.NewSchema[tables.User](tables.Users),
		keys:  fieldcrypt.NewKeys(kms.NewFromConfig(env.AWS), env.Key(function.FieldKey), fieldcrypt.Options{}),
		now:   time.Now,
	}
}

func owner(userID string) fieldcrypt.Owner {
	return fieldcrypt.Owner{Table: tables.Users, User: userID}
}

func (s *accounts) key(userID string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"userId": &types.AttributeValueMemberS{Value: userID}}
}

// creation returns the write that stores a new account under a new data key, to
// be part of a transaction. It fails there when the id has an account already.
func (s *accounts) creation(ctx context.Context, user tables.User) (types.TransactWriteItem, error) {
	dataKey, err := s.keys.New(ctx, owner(user.UserID))
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	user.DataKey = dataKey.Wrapped
	item, err := s.users.Marshal(dataKey, user)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	return types.TransactWriteItem{Put: &types.Put{
		TableName:           aws.String(s.table),
		Item:                item,
		ConditionExpression: aws.String("attribute_not_exists(userId)"),
	}}, nil
}

// Get returns the account of a user, or errNoAccount.
func (s *accounts) Get(ctx context.Context, userID string) (*tables.User, error) {
	user, _, err := s.load(ctx, userID)
	return user, err
}

func (s *accounts) load(ctx context.Context, userID string) (*tables.User, *fieldcrypt.DataKey, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(s.table),
		Key:            s.key(userID),
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read account: %w", err)
	}
	if out.Item == nil {
		return nil, nil, errNoAccount
	}
	return s.decode(ctx, userID, out.Item)
}

func (s *accounts) decode(ctx context.Context, userID string, item map[string]types.AttributeValue) (*tables.User, *fieldcrypt.DataKey, error) {
	dataKey, err := s.keys.UnwrapFrom(ctx, owner(userID), item)
	if err != nil {
		return nil, nil, err
	}
	user, err := s.users.Unmarshal(dataKey, item)
	if err != nil {
		return nil, nil, err
	}
	return &user, dataKey, nil
}

// SignedIn records a sign-in, which also proves that the e-mail address is
// confirmed, and returns the account or errNoAccount.
func (s *accounts) SignedIn(ctx context.Context, userID string) (*tables.User, error) {
	change := expression.
		Set(expression.Name("lastLoginAt"), expression.Value(s.now().UnixMilli())).
		Set(expression.Name("emailVerified"), expression.Value(true))
	item, err := s.update(ctx, userID, change)
	if err != nil {
		return nil, err
	}
	user, _, err := s.decode(ctx, userID, item)
	return user, err
}

// Change applies edit to the account and stores exactly the attributes it
// changed, so that two devices that edit different fields both keep theirs. It
// returns the changed account, or errNoAccount.
func (s *accounts) Change(ctx context.Context, userID string, edit func(*tables.User)) (*tables.User, error) {
	user, dataKey, err := s.load(ctx, userID)
	if err != nil {
		return nil, err
	}
	before := *user
	edit(user)
	user.UpdatedAt = s.now().UnixMilli()
	change, err := s.users.Update(dataKey, before, *user)
	if err != nil {
		return nil, err
	}
	_, err = s.update(ctx, userID, change)
	return user, err
}

// update changes an existing account and returns the whole item.
func (s *accounts) update(ctx context.Context, userID string, change expression.UpdateBuilder) (map[string]types.AttributeValue, error) {
	expr, err := expression.NewBuilder().
		WithUpdate(change).
		WithCondition(expression.AttributeExists(expression.Name("userId"))).
		Build()
	if err != nil {
		return nil, fmt.Errorf("change account: %w", err)
	}
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 aws.String(s.table),
		Key:                       s.key(userID),
		UpdateExpression:          expr.Update(),
		ConditionExpression:       expr.Condition(),
		ExpressionAttributeNames:  expr.Names(),
		ExpressionAttributeValues: expr.Values(),
		ReturnValues:              types.ReturnValueAllNew,
	})
	var missing *types.ConditionalCheckFailedException
	if errors.As(err, &missing) {
		return nil, errNoAccount
	}
	if err != nil {
		return nil, fmt.Errorf("change account: %w", err)
	}
	return out.Attributes, nil
}
