package auth

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// errNoAccount is returned for a user id that has no account.
var errNoAccount = errors.New("there is no account with this id")

// accounts keeps the Users table. It seals and opens personal fields.
type accounts struct {
	items *store.Table[store.Item]
	users *fieldcrypt.Schema[tables.User]
	keys  *fieldcrypt.Keys
	now   func() time.Time
}

func newAccounts(env *function.Environment) *accounts {
	return &accounts{
		items: store.Open[store.Item](env, tables.Users),
		users: fieldcrypt.NewSchema[tables.User](tables.Users),
		keys:  fieldcrypt.NewKeys(kms.NewFromConfig(env.AWS), env.Key(function.FieldKey), fieldcrypt.Options{}),
		now:   time.Now,
	}
}

func owner(userID string) fieldcrypt.Owner {
	return fieldcrypt.Owner{Table: tables.Users, User: userID}
}

// creation returns the write that stores a new account under a new data key, to
// be part of a transaction. It fails there when the id has an account already.
func (s *accounts) creation(ctx context.Context, user tables.User) (store.Write, error) {
	dataKey, err := s.keys.New(ctx, owner(user.UserID))
	if err != nil {
		return store.Write{}, err
	}
	user.DataKey = dataKey.Wrapped
	item, err := s.users.Marshal(dataKey, user)
	return s.items.ToCreate(item), err
}

// Get returns the account of a user, or errNoAccount.
func (s *accounts) Get(ctx context.Context, userID string) (*tables.User, error) {
	user, _, err := s.load(ctx, userID)
	return user, err
}

func (s *accounts) load(ctx context.Context, userID string) (*tables.User, *fieldcrypt.DataKey, error) {
	item, err := s.items.Get(ctx, store.Key{userID}, store.Consistent)
	if err != nil {
		return nil, nil, known(err)
	}
	return s.decode(ctx, userID, *item)
}

// known is errNoAccount for an item that does not exist.
func known(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return errNoAccount
	}
	return err
}

func (s *accounts) decode(ctx context.Context, userID string, item store.Item) (*tables.User, *fieldcrypt.DataKey, error) {
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
	item, err := s.items.Update(ctx, store.Key{userID}, change)
	if err != nil {
		return nil, known(err)
	}
	user, _, err := s.decode(ctx, userID, *item)
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
	_, err = s.items.Update(ctx, store.Key{userID}, change)
	return user, known(err)
}
