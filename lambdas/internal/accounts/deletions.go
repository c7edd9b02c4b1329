package accounts

import (
	"context"
	"errors"
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

// OpenDeletions returns the deletions for a function that declares PutItem,
// UpdateItem, DeleteItem and Query on the AccountDeletions table.
func OpenDeletions(env *function.Environment) *Deletions {
	return &Deletions{items: store.Open[tables.AccountDeletion](env, tables.AccountDeletions)}
}

// Start enters a deletion. One that has been entered before stays as it is.
func (d *Deletions) Start(ctx context.Context, deletion tables.AccountDeletion) error {
	deletion.Queue = tables.DeletionQueue
	err := d.items.Create(ctx, deletion)
	if errors.Is(err, store.ErrConditionFailed) {
		return nil
	}
	return err
}

// most is how many deletions one run takes up; the next run has the others.
const most = 100

// Pending returns the deletions that are not finished.
func (d *Deletions) Pending(ctx context.Context) ([]tables.AccountDeletion, error) {
	page, err := d.items.Query(ctx, store.Query{Partition: tables.DeletionQueue, Limit: most, Consistency: store.Consistent})
	return page.Items, err
}

// Erased records when every step had succeeded.
func (d *Deletions) Erased(ctx context.Context, userID string, at time.Time) error {
	change := expression.Set(expression.Name("erasedAt"), expression.Value(at.UnixMilli()))
	_, err := d.items.Update(ctx, store.Key{tables.DeletionQueue, userID}, change)
	return err
}

// Finish forgets a deletion.
func (d *Deletions) Finish(ctx context.Context, userID string) error {
	return d.items.Delete(ctx, store.Key{tables.DeletionQueue, userID})
}
