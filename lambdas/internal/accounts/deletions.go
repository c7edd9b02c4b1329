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

// Deletions reads and writes the AccountDeletions table: the accounts whose deletion
// is pending.
type Deletions struct {
	items *store.Table[tables.AccountDeletion]
}

// OpenDeletions returns the deletions for a function that declares the operations of
// the methods that it calls on the AccountDeletions table.
func OpenDeletions(resources *function.Resources) *Deletions {
	return &Deletions{items: store.Open[tables.AccountDeletion](resources, tables.AccountDeletions)}
}

// Start records a deletion. A recorded deletion stays as it is, with one exception:
// an unconditional deletion replaces one that is for an unconfirmed account only.
func (d *Deletions) Start(ctx context.Context, deletion tables.AccountDeletion) error {
	deletion.Queue = tables.DeletionQueue
	free := expression.Name("userId").AttributeNotExists()
	if !deletion.IfUnconfirmed {
		free = expression.Or(free, ifUnconfirmed)
	}
	return store.IgnoreConditionFailed(d.items.Put(ctx, deletion, free))
}

var ifUnconfirmed = expression.Name("ifUnconfirmed").Equal(expression.Value(true))

// IsPending reports whether the deletion of an account is recorded and not finished.
func (d *Deletions) IsPending(ctx context.Context, userID string) (bool, error) {
	_, err := d.items.Get(ctx, store.Key{tables.DeletionQueue, userID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// CancelIfUnconfirmed removes a deletion that is for an unconfirmed account only. An
// unconditional deletion stays.
func (d *Deletions) CancelIfUnconfirmed(ctx context.Context, userID string) error {
	return store.IgnoreConditionFailed(d.items.Delete(ctx, store.Key{tables.DeletionQueue, userID}, ifUnconfirmed))
}

// MaxPending is how many deletions one run handles. The next run handles the rest.
const MaxPending = 100

// Pending returns unfinished deletions, at most MaxPending. It starts at a random
// place each time, so that deletions that keep failing do not block the others.
func (d *Deletions) Pending(ctx context.Context) ([]tables.AccountDeletion, error) {
	anywhere := fmt.Sprintf("%08x", rand.Uint32()) // ids are UUIDs
	return d.items.Sample(ctx, tables.DeletionQueue, anywhere, MaxPending)
}

// MarkErased records when all steps had succeeded.
func (d *Deletions) MarkErased(ctx context.Context, userID string, at time.Time) error {
	change := expression.Set(expression.Name("erasedAt"), expression.Value(at.UnixMilli()))
	_, err := d.items.Update(ctx, store.Key{tables.DeletionQueue, userID}, change)
	return err
}

// Finish removes a deletion.
func (d *Deletions) Finish(ctx context.Context, userID string) error {
	return d.items.Delete(ctx, store.Key{tables.DeletionQueue, userID})
}
