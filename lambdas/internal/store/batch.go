package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// How much DynamoDB takes at once.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-api
const (
	mostPerGet   = 100
	mostPerWrite = 25
)

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
	wanted := make(map[string]Key, len(keys))
	var queue []map[string]types.AttributeValue
	for _, key := range keys {
		encoded, err := attributesOf(t.declared, key)
		if err != nil {
			return nil, t.failed("read", err)
		}
		id := text(t.declared, encoded)
		if _, twice := wanted[id]; !twice {
			wanted[id], queue = key, append(queue, encoded)
		}
	}
	var found []Item
	left, cause := inChunks(ctx, queue, mostPerGet, func(chunk []map[string]types.AttributeValue) ([]map[string]types.AttributeValue, error) {
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			t.name: {Keys: chunk, ConsistentRead: aws.Bool(bool(consistency))},
		}})
		if err != nil {
			return nil, err
		}
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
	for _, key := range left {
		failure.Keys = append(failure.Keys, wanted[text(t.declared, key)])
	}
	return items, t.failed("read", failure)
}

// WriteAll stores and deletes items, without conditions and not as one: what was
// not confirmed is in a *BatchError. It refuses a batch that writes one item
// twice, and an item that is too large, before it writes anything.
func (t *Table[T]) WriteAll(ctx context.Context, puts []T, deletes []Key) error {
	batch, err := t.batchOf(puts, deletes)
	if err != nil {
		return t.failed("write", err)
	}
	left, cause := inChunks(ctx, batch.queue, mostPerWrite, func(chunk []types.WriteRequest) ([]types.WriteRequest, error) {
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
	for _, request := range left {
		if request.PutRequest != nil {
			failure.Items = append(failure.Items, batch.puts[t.idOf(request)])
		} else {
			failure.Keys = append(failure.Keys, batch.deletes[t.idOf(request)])
		}
	}
	return t.failed("write", failure)
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
		encoded, err := attributesOf(t.declared, key)
		if err != nil {
			return nil, err
		}
		request := types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: encoded}}
		id := t.idOf(request)
		if _, put := b.puts[id]; put {
			return nil, errTwice
		}
		b.queue, b.deletes[id] = append(b.queue, request), key
	}
	if len(b.puts)+len(b.deletes) < len(b.queue) {
		return nil, errTwice
	}
	return b, nil
}

var errTwice = errors.New("a batch writes the same item twice")

func (t *Table[T]) idOf(request types.WriteRequest) string {
	if request.PutRequest != nil {
		return text(t.declared, keyOf(t.declared, request.PutRequest.Item))
	}
	return text(t.declared, request.DeleteRequest.Key)
}

// inChunks does the work a chunk at a time. What DynamoDB leaves undone of a
// chunk is done again, after a pause, with what is next; a chunk that fails is
// put aside. It returns all that is left in the end, and why.
func inChunks[R any](ctx context.Context, queue []R, size int, do func([]R) ([]R, error)) (left []R, cause error) {
	for attempt := 1; len(queue) > 0; {
		chunk := queue[:min(size, len(queue))]
		queue = queue[len(chunk):]
		undone, err := do(chunk)
		if err != nil {
			left, cause = append(left, chunk...), errors.Join(cause, err)
			if ctx.Err() != nil {
				return append(left, queue...), cause
			}
			continue
		}
		queue = append(queue[:len(queue):len(queue)], undone...)
		if len(undone) < len(chunk) {
			attempt = 1 // there is progress
		}
		if len(undone) == 0 {
			continue
		}
		if !pause(ctx, attempt) {
			return append(left, queue...), errors.Join(cause, ErrNoCapacity, ctx.Err())
		}
		attempt++
	}
	return left, cause
}
