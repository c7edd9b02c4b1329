package erasure

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

// maxPending is how many erasures one run reads; the next run has the others.
const maxPending = 100

// Queue keeps the DataErasures table: the erasures that are not finished.
type Queue struct {
	items *store.Table[tables.DataErasure]
}

// OpenQueue returns the queue for a function that declares, on the DataErasures
// table, the operations of the methods that it calls.
func OpenQueue(resources *function.Resources) *Queue {
	return NewQueue(store.Open[tables.DataErasure](resources, tables.DataErasures))
}

// NewQueue returns the queue that the table holds.
func NewQueue(items *store.Table[tables.DataErasure]) *Queue { return &Queue{items} }

// Enter enters an erasure in one transaction with other writes, in place of an
// earlier one of the user: its boundary is later. When a later erasure is entered
// already, nothing is written and the error is nil.
func (q *Queue) Enter(ctx context.Context, erasure tables.DataErasure, others ...store.Write) error {
	erasure.Queue = tables.ErasureQueue
	requested := expression.Name("requestedAt")
	earlier := requested.AttributeNotExists().Or(requested.LessThanEqual(expression.Value(erasure.RequestedAt)))
	err := q.items.Transact(ctx, append(others, q.items.TxPut(erasure, earlier))...)
	return store.IgnoreConditionFailed(err)
}

// Pending returns erasures that are not finished, at most a run's worth. It begins
// somewhere else each time, so that none waits for those that cannot be finished now.
func (q *Queue) Pending(ctx context.Context) ([]tables.DataErasure, error) {
	anywhere := fmt.Sprintf("%08x", rand.Uint32()) // ids are UUIDs
	return q.items.Sample(ctx, tables.ErasureQueue, anywhere, maxPending)
}

// Erased records that an erasure deleted everything once, unless another erasure
// has taken its place.
func (q *Queue) Erased(ctx context.Context, erasure tables.DataErasure, at time.Time) error {
	change := expression.Set(expression.Name("erasedAt"), expression.Value(at.UnixMilli()))
	_, err := q.items.Update(ctx, store.Key{tables.ErasureQueue, erasure.UserID}, change, sameErasure(erasure))
	if errors.Is(err, store.ErrNotFound) {
		return nil // the account went meanwhile
	}
	return store.IgnoreConditionFailed(err)
}

// Finish forgets an erasure, unless another one has taken its place.
func (q *Queue) Finish(ctx context.Context, erasure tables.DataErasure) error {
	return store.IgnoreConditionFailed(q.items.Delete(ctx, store.Key{tables.ErasureQueue, erasure.UserID}, sameErasure(erasure)))
}

// Forget forgets the erasure of a user whose account goes.
func (q *Queue) Forget(ctx context.Context, userID string) error {
	return q.items.Delete(ctx, store.Key{tables.ErasureQueue, userID})
}

// sameErasure is the condition that the item is still of this erasure.
func sameErasure(erasure tables.DataErasure) expression.ConditionBuilder {
	return expression.Name("requestedAt").Equal(expression.Value(erasure.RequestedAt))
}
