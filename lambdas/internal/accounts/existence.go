package accounts

import (
	"context"
	"errors"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Existence tells who has an account, to functions that cannot open one.
type Existence struct{ items *store.Table[store.Item] }

// OpenExistence returns the existence of accounts for a function that declares
// GetItem on the Users table, and no key.
func OpenExistence(env *function.Environment) *Existence {
	return &Existence{items: store.Open[store.Item](env, tables.Users)}
}

// Exists tells whether the user has an account.
func (s *Existence) Exists(ctx context.Context, userID string) (bool, error) {
	_, err := s.items.Get(ctx, store.Key{userID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
