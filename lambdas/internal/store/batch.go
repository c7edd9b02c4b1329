package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Limits of one batch request of DynamoDB.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-api
const (
	maxItemsPerGet   = 100
	maxItemsPerWrite = 25
)

// maxParallel is how many requests of one batch run at once. The SDK keeps 10 idle
// connections to a host, so more requests would open new connections each time.
// https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/aws/transport/http#pkg-variables
const maxParallel = 8

// BatchError is returned when a part of a batch was not confirmed. The rest was done.
// An unconfirmed part may have been done too, if its response was lost. Repeating it
// is harmless.
type BatchError[T any] struct {
	// Keys are the keys of the items that were not read or not deleted.
	Keys []Key
	// Items are the items that were not stored.
	Items []T
	cause error
}

// Error returns how many items are left, and the cause.
func (e *BatchError[T]) Error() string {
	return fmt.Sprintf("%d of the batch are left: %v", len(e.Keys)+len(e.Items), e.cause)
}

// Unwrap returns the cause.
func (e *BatchError[T]) Unwrap() error { return e.cause }

// GetAll returns the items with these keys, in any order, without items that do not
// exist. When some items cannot be read, it returns the others and a *BatchError.
func (t *Table[T]) GetAll(ctx context.Context, keys []Key, consistency Consistency) ([]T, error) {
	keysByText := make(map[string]Key, len(keys))
	var queue []map[string]types.AttributeValue
	for _, key := range keys {
		encoded, err := keyAttributes(t.declared, key)
		if err != nil {
			return nil, t.wrapError("read", err)
		}
		id := keyText(t.declared, encoded)
		if _, twice := keysByText[id]; !twice {
			keysByText[id], queue = key, append(queue, encoded)
		}
	}
	var mu sync.Mutex
	var found []SealedItem
	unfinished, cause := inChunks(ctx, queue, maxItemsPerGet, func(chunk []map[string]types.AttributeValue) ([]map[string]types.AttributeValue, error) {
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			t.name: {Keys: chunk, ConsistentRead: aws.Bool(bool(consistency))},
		}})
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, item := range out.Responses[t.name] {
			found = append(found, item)
		}
		return out.UnprocessedKeys[t.name].Keys, nil
	})
	items, err := t.decodeAll(found)
	if err != nil || cause == nil {
		return items, err
	}
	failure := &BatchError[T]{cause: cause}
	for _, key := range unfinished {
		failure.Keys = append(failure.Keys, keysByText[keyText(t.declared, key)])
	}
	return items, t.wrapError("read", failure)
}

// WriteAll stores and deletes items, without conditions and not atomically. A
// *BatchError has the items that were not confirmed. WriteAll writes nothing when an
// item is too large or occurs twice in the batch.
func (t *Table[T]) WriteAll(ctx context.Context, puts []T, deletes []Key) error {
	batch, err := t.batchOf(puts, deletes)
	if err != nil {
		return t.wrapError("write", err)
	}
	unfinished, cause := inChunks(ctx, batch.queue, maxItemsPerWrite, func(chunk []types.WriteRequest) ([]types.WriteRequest, error) {
		out, err := t.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{t.name: chunk}})
		if err != nil {
			return nil, err
		}
		return out.UnprocessedItems[t.name], nil
	})
	if cause == nil {
		return nil
	}
	failure := &BatchError[T]{cause: cause}
	for _, request := range unfinished {
		if request.PutRequest != nil {
			failure.Items = append(failure.Items, batch.puts[t.idOf(request)])
		} else {
			failure.Keys = append(failure.Keys, batch.deletes[t.idOf(request)])
		}
	}
	return t.wrapError("write", failure)
}

// DeleteAll deletes the items that a query finds, page by page, and returns how many it
// deleted. The query's After and Attributes are not used.
func (t *Table[T]) DeleteAll(ctx context.Context, q Query) (deleted int, err error) {
	items := New[SealedItem](t.client, t.name, t.declared)
	q.KeysOnly, q.Attributes, q.After = true, nil, ""
	for {
		page, err := items.Query(ctx, q)
		if err != nil {
			return deleted, err
		}
		keys := make([]Key, len(page.Items))
		for i, item := range page.Items {
			keys[i] = items.KeyOf(item)
		}
		if err := items.WriteAll(ctx, nil, keys); err != nil {
			return deleted, err
		}
		deleted += len(keys)
		if q.After = page.Next; q.After == "" {
			return deleted, nil
		}
	}
}

// DeleteEach deletes each of these items if all of the conditions hold for it. It
// returns how many it deleted. DynamoDB has no batch of conditional deletions, and
// single deletions take the same capacity. A *BatchError has the keys that were not
// confirmed.
func (t *Table[T]) DeleteEach(ctx context.Context, keys []Key, conditions ...expression.ConditionBuilder) (int, error) {
	var deleted atomic.Int64
	unfinished, cause := inChunks(ctx, keys, 1, func(chunk []Key) ([]Key, error) {
		err := t.Delete(ctx, chunk[0], conditions...)
		if errors.Is(err, ErrConditionFailed) {
			return nil, nil
		}
		if err == nil {
			deleted.Add(1)
		}
		return nil, err
	})
	if cause == nil {
		return int(deleted.Load()), nil
	}
	return int(deleted.Load()), t.wrapError("delete", &BatchError[T]{Keys: unfinished, cause: cause})
}

// batch has the requests of a batch, and their items and keys by key text.
type batch[T any] struct {
	queue   []types.WriteRequest
	puts    map[string]T
	deletes map[string]Key
}

func (t *Table[T]) batchOf(puts []T, deletes []Key) (*batch[T], error) {
	b := &batch[T]{puts: make(map[string]T, len(puts)), deletes: make(map[string]Key, len(deletes))}
	for _, item := range puts {
		put, err := t.put(item, nil)
		if err != nil {
			return nil, err
		}
		request := types.WriteRequest{PutRequest: &types.PutRequest{Item: put.Item}}
		b.queue, b.puts[t.idOf(request)] = append(b.queue, request), item
	}
	for _, key := range deletes {
		encoded, err := keyAttributes(t.declared, key)
		if err != nil {
			return nil, err
		}
		request := types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: encoded}}
		id := t.idOf(request)
		if _, put := b.puts[id]; put {
			return nil, errDuplicateItem
		}
		b.queue, b.deletes[id] = append(b.queue, request), key
	}
	if len(b.puts)+len(b.deletes) < len(b.queue) {
		return nil, errDuplicateItem
	}
	return b, nil
}

var errDuplicateItem = errors.New("a batch writes the same item twice")

func (t *Table[T]) idOf(request types.WriteRequest) string {
	if request.PutRequest != nil {
		return keyText(t.declared, keyFromItem(t.declared, request.PutRequest.Item))
	}
	return keyText(t.declared, request.DeleteRequest.Key)
}

// inChunks works through the queue in chunks, at most maxParallel at once. What
// DynamoDB leaves undone goes back to the queue, and is tried again after a pause. A
// chunk that fails is not tried again. inChunks returns everything that was not done,
// and the first cause.
func inChunks[R any](ctx context.Context, queue []R, size int, do func([]R) ([]R, error)) (unfinished []R, cause error) {
	w := &batchWork[R]{queue: queue, size: size, do: do}
	var all sync.WaitGroup
	for range min(maxParallel, (len(queue)+size-1)/size) {
		all.Go(func() { w.run(ctx) })
	}
	all.Wait()
	if len(w.queue) > 0 && w.cause == nil {
		w.cause = errors.Join(ErrNoCapacity, ctx.Err())
	}
	return append(w.unfinished, w.queue...), w.cause
}

// batchWork is the state that the workers of a batch share.
type batchWork[R any] struct {
	size int
	do   func([]R) ([]R, error)

	mu         sync.Mutex
	queue      []R // not yet done
	unfinished []R // failed for good
	cause      error
}

// run takes chunks until the queue is empty or the time is up. A worker that puts
// work back takes it again, unless another worker does.
func (w *batchWork[R]) run(ctx context.Context) {
	for attempt := 1; ; {
		chunk := w.take()
		if len(chunk) == 0 {
			return
		}
		undone, err := w.do(chunk)
		if isThrottled(err) {
			undone, err = chunk, nil
		}
		w.put(chunk, undone, err)
		if ctx.Err() != nil {
			return
		}
		if len(undone) < len(chunk) {
			attempt = 1 // DynamoDB did a part
		}
		if len(undone) == 0 {
			continue
		}
		if !pause(ctx, attempt) {
			return
		}
		attempt++
	}
}

func (w *batchWork[R]) take() []R {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(w.size, len(w.queue))
	chunk := w.queue[:n:n]
	w.queue = w.queue[n:]
	return chunk
}

func (w *batchWork[R]) put(chunk, undone []R, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.unfinished = append(w.unfinished, chunk...)
		if w.cause == nil {
			w.cause = err
		}
		return
	}
	w.queue = append(w.queue[:len(w.queue):len(w.queue)], undone...)
}
