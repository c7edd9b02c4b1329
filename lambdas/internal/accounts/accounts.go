package accounts

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// ErrNotFound is returned for a user id without an account, as a 404. Ids come from
// tokens, so the account was deleted.
var ErrNotFound = apierror.New(http.StatusNotFound, "ACCOUNT_NOT_FOUND", "There is no such account.")

// Accounts reads and writes the Users table, and seals and opens personal fields. A
// function that opens it declares the operations of the methods that it calls, and
// Decrypt with the field key.
type Accounts struct {
	items *store.Table[store.SealedItem]
	users *fieldcrypt.Schema[tables.User]
	keys  *fieldcrypt.Keys
	now   func() time.Time
}

// Open returns the accounts for a function that declares the Users table and the
// field key.
func Open(resources *function.Resources) *Accounts {
	return &Accounts{
		items: store.Open[store.SealedItem](resources, tables.Users),
		users: fieldcrypt.NewSchema[tables.User](tables.Users),
		keys:  fieldcrypt.NewKeys(kms.NewFromConfig(resources.AWS), resources.Key(function.FieldKey), fieldcrypt.Options{}),
		now:   time.Now,
	}
}

func owner(userID string) fieldcrypt.Owner {
	return fieldcrypt.Owner{Table: tables.Users, User: userID}
}

// creation returns the write that stores a new account under a new data key, for a
// transaction. The transaction fails when the id has an account already. creation
// returns validation.Problems when a text breaks the rule of its field.
func (s *Accounts) creation(ctx context.Context, user tables.User) (store.Write, error) {
	if err := validation.New().CheckUser(&tables.User{}, &user); err != nil {
		return store.Write{}, err
	}
	dataKey, err := s.keys.New(ctx, owner(user.UserID))
	if err != nil {
		return store.Write{}, err
	}
	user.DataKey = dataKey.Wrapped
	item, err := s.users.Marshal(dataKey, user)
	return s.items.TxCreate(item), err
}

// Get returns the account of a user, or ErrNotFound.
func (s *Accounts) Get(ctx context.Context, userID string) (*tables.User, error) {
	user, _, err := s.WithKey(ctx, userID)
	return user, err
}

// DataKey returns the data key of a user, or ErrNotFound. It seals the user's
// personal fields in other tables, which become unreadable when the account is
// deleted.
func (s *Accounts) DataKey(ctx context.Context, userID string) (*fieldcrypt.DataKey, error) {
	item, err := s.items.Get(ctx, store.Key{userID}, store.Consistent)
	if err != nil {
		return nil, store.AsNotFound(err, ErrNotFound)
	}
	return s.keys.UnwrapFrom(ctx, owner(userID), *item)
}

// WithKey returns the account of a user and its data key with one read, or
// ErrNotFound.
func (s *Accounts) WithKey(ctx context.Context, userID string) (*tables.User, *fieldcrypt.DataKey, error) {
	item, err := s.items.Get(ctx, store.Key{userID}, store.Consistent)
	if err != nil {
		return nil, nil, store.AsNotFound(err, ErrNotFound)
	}
	return s.decode(ctx, userID, *item)
}

func (s *Accounts) decode(ctx context.Context, userID string, item store.SealedItem) (*tables.User, *fieldcrypt.DataKey, error) {
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
// confirmed, and returns the account or ErrNotFound.
func (s *Accounts) SignedIn(ctx context.Context, userID string) (*tables.User, error) {
	change := expression.
		Set(expression.Name("lastLoginAt"), expression.Value(s.now().UnixMilli())).
		Set(expression.Name("emailVerified"), expression.Value(true))
	item, err := s.items.Update(ctx, store.Key{userID}, change)
	if err != nil {
		return nil, store.AsNotFound(err, ErrNotFound)
	}
	user, _, err := s.decode(ctx, userID, *item)
	return user, err
}

// Change applies edit to the account, and stores only the attributes that edit
// changed. Two devices that edit different fields therefore both keep their changes.
// Change returns the changed account, ErrNotFound, or validation.Problems when a
// changed text breaks the rule of its field.
func (s *Accounts) Change(ctx context.Context, userID string, edit func(*tables.User)) (*tables.User, error) {
	user, dataKey, err := s.WithKey(ctx, userID)
	if err != nil {
		return nil, err
	}
	before := *user
	edit(user)
	if err := validation.New().CheckUser(&before, user); err != nil {
		return nil, err
	}
	user.UpdatedAt = s.now().UnixMilli()
	change, err := s.users.Update(dataKey, before, *user)
	if err != nil {
		return nil, err
	}
	_, err = s.items.Update(ctx, store.Key{userID}, change)
	return user, store.AsNotFound(err, ErrNotFound)
}

// Erase deletes the account, and with it the data key of everything that is sealed
// for the user. Erasing an account that does not exist succeeds.
func (s *Accounts) Erase(ctx context.Context, userID string) error {
	defer s.keys.Forget(owner(userID))
	return s.items.Delete(ctx, store.Key{userID})
}
