package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
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
	keys  *fieldcrypt.Keys
	now   func() time.Time
}

func newAccounts(env *function.Environment) *accounts {
	return &accounts{
		db:    dynamodb.NewFromConfig(env.AWS),
		table: env.Table(tables.Users),
		keys:  fieldcrypt.NewKeys(kms.NewFromConfig(env.AWS), env.Key(function.FieldKey)),
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
func (s *accounts) creation(ctx context.Context, a *account) (types.TransactWriteItem, error) {
	dataKey, err := s.keys.New(ctx, owner(a.ID))
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	item, err := attributevalue.MarshalMap(a.seal(dataKey))
	if err != nil {
		return types.TransactWriteItem{}, fmt.Errorf("encode account: %w", err)
	}
	return types.TransactWriteItem{Put: &types.Put{
		TableName:           aws.String(s.table),
		Item:                item,
		ConditionExpression: aws.String("attribute_not_exists(userId)"),
	}}, nil
}

// Get returns the account of a user, or errNoAccount.
func (s *accounts) Get(ctx context.Context, userID string) (*account, error) {
	a, _, err := s.load(ctx, userID)
	return a, err
}

func (s *accounts) load(ctx context.Context, userID string) (*account, *fieldcrypt.DataKey, error) {
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
	return s.decode(ctx, out.Item)
}

func (s *accounts) decode(ctx context.Context, item map[string]types.AttributeValue) (*account, *fieldcrypt.DataKey, error) {
	var user tables.User
	if err := attributevalue.UnmarshalMap(item, &user); err != nil {
		return nil, nil, fmt.Errorf("decode account: %w", err)
	}
	dataKey, err := s.keys.Unwrap(ctx, owner(user.UserID), user.DataKey)
	if err != nil {
		return nil, nil, err
	}
	a, err := open(&user, dataKey)
	return a, dataKey, err
}

// SignedIn records a sign-in, which also proves that the e-mail address is
// confirmed, and returns the account or errNoAccount.
func (s *accounts) SignedIn(ctx context.Context, userID string) (*account, error) {
	change := expression.
		Set(expression.Name("lastLoginAt"), expression.Value(s.now().UnixMilli())).
		Set(expression.Name("emailVerified"), expression.Value(true))
	item, err := s.update(ctx, userID, change)
	if err != nil {
		return nil, err
	}
	a, _, err := s.decode(ctx, item)
	return a, err
}

// Change applies edit to the account and stores exactly the attributes it
// changed, so that two devices that edit different fields both keep theirs. It
// returns the changed account, or errNoAccount.
func (s *accounts) Change(ctx context.Context, userID string, edit func(*account)) (*account, error) {
	a, dataKey, err := s.load(ctx, userID)
	if err != nil {
		return nil, err
	}
	before := *a
	edit(a)
	change := expression.Set(expression.Name("updatedAt"), expression.Value(s.now().UnixMilli()))
	var sealedBefore, sealedAfter tables.User
	old := personalFields(&before, &sealedBefore)
	for i, field := range personalFields(a, &sealedAfter) {
		if *field.clear != *old[i].clear {
			change = setOrRemove(change, field.name, *field.clear != "", dataKey.Seal(field.name, *field.clear))
		}
	}
	for name, values := range map[string][2]string{
		"name":              {before.Name, a.Name},
		"given_name":        {before.GivenName, a.GivenName},
		"family_name":       {before.FamilyName, a.FamilyName},
		"gender":            {before.Gender, a.Gender},
		"occupation":        {before.Occupation, a.Occupation},
		"company":           {before.Company, a.Company},
		"preferredCurrency": {before.PreferredCurrency, a.PreferredCurrency},
	} {
		if values[0] != values[1] {
			change = setOrRemove(change, name, values[1] != "", values[1])
		}
	}
	_, err = s.update(ctx, userID, change)
	return a, err
}

func setOrRemove(change expression.UpdateBuilder, name string, present bool, value any) expression.UpdateBuilder {
	if !present {
		return change.Remove(expression.Name(name))
	}
	return change.Set(expression.Name(name), expression.Value(value))
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
