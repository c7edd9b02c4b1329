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

// How much DynamoDB takes at once.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-api
const (
	maxItemsPerGet   = 100
	maxItemsPerWrite = 25
)

// maxParallel is how many requests of one batch are under way at once. The SDK
// keeps 10 idle connections to a host: more requests would open new ones each time.
// https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/aws/transport/http#pkg-variables
const maxParallel = 8

// BatchError is returned when a part of a batch was not confirmed. Everything
// else was done. What was not confirmed may still have been done, when an answer
// was lost; doing it again is harmless.
type BatchError[T any] struct {
	// Keys are the keys that were not read, or the items not deleted.
	Keys []Key
	// Items are the items that were not stored.
	Items []T
	cause error
}

// Error says how much was not done, and why.
func (e *BatchError[T]) Error() string {
	return fmt.Sprintf("%d of the batch are left: %v", len(e.Keys)+len(e.Items), e.cause)
}

// Unwrap returns why.
func (e *BatchError[T]) Unwrap() error { return e.cause }

// GetAll returns the items with these keys, in no order; one that does not exist
// is left out. What cannot be read is in a *BatchError, and the rest is returned
// beside it.
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

// WriteAll stores and deletes items, without conditions and not as one: what was
// not confirmed is in a *BatchError. It refuses a batch that writes one item
// twice, and an item that is too large, before it writes anything.
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

// DeleteEach deletes the items with these keys for which all of the conditions
// hold, each by itself, and returns how many were deleted. DynamoDB has no batch
// of deletions with conditions, and a deletion alone takes the same capacity. What
// was not confirmed is in a *BatchError.
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

// batch is what is to be written, and by key what for.
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

// inChunks does the work a chunk at a time, with at most maxParallel chunks under
// way. What DynamoDB leaves undone of a chunk is done again, after a pause, with
// what is next; a chunk that fails is put aside. It returns all that is left in the
// end, and the first cause.
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

// batchWork is what the workers of a batch share.
type batchWork[R any] struct {
	size int
	do   func([]R) ([]R, error)

	mu         sync.Mutex
	queue      []R // to be done
	unfinished []R // failed
	cause      error
}

// run takes chunks until none are left, or there is no time for another attempt.
// Whatever a worker puts back, it takes up itself if no other does.
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
			attempt = 1 // there is progress
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
