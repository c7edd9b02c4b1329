package accounts

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Deletions keeps the AccountDeletions table: the accounts whose deletion is
// under way.
type Deletions struct {
	items *store.Table[tables.AccountDeletion]
}

// OpenDeletions returns the deletions for a function that declares, on the
// AccountDeletions table, the operations of the methods that it calls.
func OpenDeletions(resources *function.Resources) *Deletions {
	return &Deletions{items: store.Open[tables.AccountDeletion](resources, tables.AccountDeletions)}
}

// Start enters a deletion. One that has been entered before stays as it is, unless
// it was to happen to an unconfirmed account only and this one is to happen anyway.
func (d *Deletions) Start(ctx context.Context, deletion tables.AccountDeletion) error {
	deletion.Queue = tables.DeletionQueue
	free := expression.Name("userId").AttributeNotExists()
	if !deletion.IfUnconfirmed {
		free = expression.Or(free, ifUnconfirmed)
	}
	return store.IgnoreConditionFailed(d.items.Put(ctx, deletion, free))
}

var ifUnconfirmed = expression.Name("ifUnconfirmed").Equal(expression.Value(true))

// IsPending tells whether the deletion of an account is entered and not finished.
func (d *Deletions) IsPending(ctx context.Context, userID string) (bool, error) {
	_, err := d.items.Get(ctx, store.Key{tables.DeletionQueue, userID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// CancelIfUnconfirmed forgets a deletion that was to happen to an unconfirmed account only. One
// that is to happen anyway stays.
func (d *Deletions) CancelIfUnconfirmed(ctx context.Context, userID string) error {
	return store.IgnoreConditionFailed(d.items.Delete(ctx, store.Key{tables.DeletionQueue, userID}, ifUnconfirmed))
}

// MaxPending is how many deletions one run takes up; the next run has the others.
const MaxPending = 100

// Pending returns deletions that are not finished, at most a run's worth. It begins
// somewhere else each time, so that none waits for those that cannot be finished now.
func (d *Deletions) Pending(ctx context.Context) ([]tables.AccountDeletion, error) {
	anywhere := fmt.Sprintf("%08x", rand.Uint32()) // ids are UUIDs
	return d.items.Sample(ctx, tables.DeletionQueue, anywhere, MaxPending)
}

// MarkErased records when every step had succeeded.
func (d *Deletions) MarkErased(ctx context.Context, userID string, at time.Time) error {
	change := expression.Set(expression.Name("erasedAt"), expression.Value(at.UnixMilli()))
	_, err := d.items.Update(ctx, store.Key{tables.DeletionQueue, userID}, change)
	return err
}

// Finish forgets a deletion.
func (d *Deletions) Finish(ctx context.Context, userID string) error {
	return d.items.Delete(ctx, store.Key{tables.DeletionQueue, userID})
}
