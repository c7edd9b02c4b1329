package recovery

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	// maxPending is how many recoveries one run finishes. The next run finishes the
	// others.
	maxPending = 100

	// inProgressGracePeriod is how long the function that recorded a recovery may
	// still be running. The API waits 30 s for it, and clocks differ.
	inProgressGracePeriod = time.Minute
)

// Start records a recovery and returns its entry (PutItem). The caller sets UserID
// and Provider.
func (r *Recoveries) Start(ctx context.Context, entry tables.AccountRecovery) (tables.AccountRecovery, error) {
	entry.Queue, entry.ID, entry.StartedAt = tables.RecoveryQueue, entry.UserID+"#"+rand.Text(), r.now().UnixMilli()
	return entry, r.queue.Put(ctx, entry)
}

// Pending returns the entries whose function has ended, at most 100 (Query).
func (r *Recoveries) Pending(ctx context.Context) ([]tables.AccountRecovery, error) {
	page, err := r.queue.Query(ctx, store.Query{
		Partition: tables.RecoveryQueue, Limit: maxPending, Consistency: store.Consistent,
		Filter: expression.Name("startedAt").LessThan(expression.Value(r.now().Add(-inProgressGracePeriod).UnixMilli())),
	})
	return page.Items, err
}

// Finish removes an entry (DeleteItem).
func (r *Recoveries) Finish(ctx context.Context, entry tables.AccountRecovery) error {
	return r.queue.Delete(ctx, keyOf(entry))
}

// save stores what is about to end, or that it has ended (UpdateItem).
func (r *Recoveries) save(ctx context.Context, entry tables.AccountRecovery) error {
	return r.queue.Put(ctx, entry)
}

func keyOf(entry tables.AccountRecovery) store.Key { return store.Key{entry.Queue, entry.ID} }
