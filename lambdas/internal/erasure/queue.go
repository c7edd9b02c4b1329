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

// maxPending is how many erasures one run reads. The next run reads the others.
const maxPending = 100

// Queue reads and writes the DataErasures table: the unfinished erasures. It notes their
// boundary in the users' accounts, where a Guard checks it.
type Queue struct {
	items *store.Table[tables.DataErasure]
	users *store.Table[store.SealedItem]
}

// OpenQueue returns the queue for a function that declares the operations of the
// methods that it calls on the DataErasures table, and UpdateItem on Users for Enter and
// Finish.
func OpenQueue(resources *function.Resources) *Queue {
	return NewQueue(store.Open[tables.DataErasure](resources, tables.DataErasures), OpenGuard(resources))
}

// NewQueue returns the queue in this table, of the accounts of the guard.
func NewQueue(items *store.Table[tables.DataErasure], guard *Guard) *Queue {
	return &Queue{items, guard.users}
}

// Enter records an erasure in one transaction with other writes. It replaces an
// earlier erasure of the user, whose boundary is earlier. When a later erasure is
// recorded already, or the account is gone, Enter writes nothing and returns nil.
func (q *Queue) Enter(ctx context.Context, erasure tables.DataErasure, others ...store.Write) error {
	erasure.Queue = tables.ErasureQueue
	requested := expression.Name("requestedAt")
	earlier := requested.AttributeNotExists().Or(requested.LessThanEqual(expression.Value(erasure.RequestedAt)))
	err := q.items.Transact(ctx, append(others, q.items.TxPut(erasure, earlier), begin(q.users, erasure))...)
	return store.IgnoreConditionFailed(err)
}

// Pending returns unfinished erasures, at most maxPending. It starts at a random
// place each time, so that erasures that keep failing do not block the others.
func (q *Queue) Pending(ctx context.Context) ([]tables.DataErasure, error) {
	anywhere := fmt.Sprintf("%08x", rand.Uint32()) // ids are UUIDs
	return q.items.Sample(ctx, tables.ErasureQueue, anywhere, maxPending)
}

// Erased records that an erasure has deleted everything once, unless another erasure
// has replaced it.
func (q *Queue) Erased(ctx context.Context, erasure tables.DataErasure, at time.Time) error {
	change := expression.Set(expression.Name("erasedAt"), expression.Value(at.UnixMilli()))
	_, err := q.items.Update(ctx, store.Key{tables.ErasureQueue, erasure.UserID}, change, sameErasure(erasure))
	if errors.Is(err, store.ErrNotFound) {
		return nil // the account was deleted in the meantime
	}
	return store.IgnoreConditionFailed(err)
}

// Finish removes an erasure that has ended, unless another erasure has replaced it.
func (q *Queue) Finish(ctx context.Context, erasure tables.DataErasure, at time.Time) error {
	key := store.Key{tables.ErasureQueue, erasure.UserID}
	err := q.items.Transact(ctx, q.items.TxDelete(key, sameErasure(erasure)), end(q.users, erasure, at))
	if store.ConditionFailedAt(err, 1) && !store.ConditionFailedAt(err, 0) { // the account is gone
		err = q.items.Delete(ctx, key, sameErasure(erasure))
	}
	return store.IgnoreConditionFailed(err)
}

// Forget removes the erasure of a user whose account is deleted.
func (q *Queue) Forget(ctx context.Context, userID string) error {
	return q.items.Delete(ctx, store.Key{tables.ErasureQueue, userID})
}

// sameErasure is the condition that no other erasure has replaced this one.
func sameErasure(erasure tables.DataErasure) expression.ConditionBuilder {
	return expression.Name("requestedAt").Equal(expression.Value(erasure.RequestedAt))
}
