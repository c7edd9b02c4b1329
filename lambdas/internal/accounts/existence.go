package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Lookup finds accounts for functions that cannot decrypt them.
type Lookup struct{ items *store.Table[existing] }

// existing has the fields of an account that are readable without its data key.
type existing struct {
	CreatedAt int64 `dynamodbav:"createdAt"`
}

// OpenLookup returns the lookup for a function that declares GetItem on the Users
// table, and no key.
func OpenLookup(resources *function.Resources) *Lookup {
	return &Lookup{items: store.Open[existing](resources, tables.Users)}
}

// CreatedAt returns when the user's account was created, and false when there is
// none.
func (s *Lookup) CreatedAt(ctx context.Context, userID string) (time.Time, bool, error) {
	item, err := s.items.Get(ctx, store.Key{userID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, err
	}
	return time.UnixMilli(item.CreatedAt), true, nil
}
