package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Existence tells who has an account, to functions that cannot open one.
type Existence struct{ items *store.Table[existing] }

// existing is what can be read of an account without its data key.
type existing struct {
	CreatedAt int64 `dynamodbav:"createdAt"`
}

// OpenExistence returns the existence of accounts for a function that declares
// GetItem on the Users table, and no key.
func OpenExistence(env *function.Resources) *Existence {
	return &Existence{items: store.Open[existing](env, tables.Users)}
}

// Since tells when the user's account was made, and false when there is none.
func (s *Existence) Since(ctx context.Context, userID string) (time.Time, bool, error) {
	item, err := s.items.Get(ctx, store.Key{userID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, err
	}
	return time.UnixMilli(item.CreatedAt), true, nil
}
