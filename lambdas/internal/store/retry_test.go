package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// The waits in this file are those of a bubble, in which time takes none.

// scarce leaves a part of every batch undone, or fails.
type scarce struct {
	store.Client
	capacity func(requests int) int // how many of the next batch's requests are done
	err      error                  // of batches that hold the item "bad"
	mu       sync.Mutex
	items    map[string]bool
	calls    int
}

func goalID(item map[string]types.AttributeValue) string {
	return item["goalId"].(*types.AttributeValueMemberS).Value
}

func (s *scarce) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	left := map[string][]types.WriteRequest{}
	for name, requests := range in.RequestItems {
		if len(requests) > 25 {
			return nil, errors.New("more than 25")
		}
		for _, r := range requests {
			if s.err != nil && r.PutRequest != nil && goalID(r.PutRequest.Item) == "bad" {
				return nil, s.err
			}
		}
		can := s.capacity(len(requests))
		for _, r := range requests[:can] {
			if r.PutRequest != nil {
				s.items[goalID(r.PutRequest.Item)] = true
			} else {
				delete(s.items, goalID(r.DeleteRequest.Key))
			}
		}
		if can < len(requests) {
			left[name] = requests[can:]
		}
	}
	return &dynamodb.BatchWriteItemOutput{UnprocessedItems: left}, nil
}

func (s *scarce) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	out := &dynamodb.BatchGetItemOutput{Responses: map[string][]map[string]types.AttributeValue{}}
	for name, keys := range in.RequestItems {
		if len(keys.Keys) > 100 {
			return nil, errors.New("more than 100")
		}
		can := s.capacity(len(keys.Keys))
		for _, key := range keys.Keys[:can] {
			if s.items[goalID(key)] {
				out.Responses[name] = append(out.Responses[name], key)
			}
		}
		if can < len(keys.Keys) {
			out.UnprocessedKeys = map[string]types.KeysAndAttributes{name: {Keys: keys.Keys[can:]}}
		}
	}
	return out, nil
}

func newScarce(capacity int) (*scarce, *store.Table[goal]) {
	s := &scarce{capacity: func(requests int) int { return min(capacity, requests) }, items: map[string]bool{}}
	return s, store.New[goal](s, "t", goals)
}

func numbered(n int) (items []goal, keys []store.Key) {
	for i := range n {
		id := fmt.Sprintf("g%d", i)
		items, keys = append(items, goal{UserID: "ada", GoalID: id}), append(keys, store.Key{"ada", id})
	}
	return items, keys
}

func TestBatch_UnprocessedItems_AreRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, table := newScarce(10)
		items, keys := numbered(130)
		must(t, table.WriteAll(t.Context(), items, nil))
		if len(s.items) != 130 {
			t.Errorf("%d of 130 items are stored", len(s.items))
		}
		found, err := table.GetAll(t.Context(), append(keys, keys[0], store.Key{"ada", "none"}), store.Consistent)
		if err != nil || len(found) != 130 {
			t.Errorf("%d of 130 items are found, %v", len(found), err)
		}
		must(t, table.WriteAll(t.Context(), nil, keys[:100]))
		if len(s.items) != 30 {
			t.Errorf("%d items are left of 30", len(s.items))
		}
	})
}

func TestBatch_NoCapacity_ReturnsBatchError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, table := newScarce(0)
		items, keys := numbered(60)
		done := 40
		// The batches come in any order: only what is done is counted.
		s.capacity = func(requests int) int { n := min(20, done, requests); done -= n; return n }
		err := table.WriteAll(t.Context(), items[:50], keys[50:])
		var failed *store.BatchError[goal]
		if !errors.As(err, &failed) || len(failed.Items)+len(failed.Keys) != 20 || len(s.items)+len(failed.Items) != 50 {
			t.Fatalf("%d are stored: %v", len(s.items), err)
		}
		for _, item := range failed.Items {
			if s.items[item.GoalID] {
				t.Errorf("%s is stored and reported as left", item.GoalID)
			}
		}
		s.capacity = func(int) int { return 0 }
		found, err := table.GetAll(t.Context(), keys, store.Consistent)
		if !errors.As(err, &failed) || len(failed.Keys) != 60 || len(found) != 0 {
			t.Errorf("%d found: %v", len(found), err)
		}
	})
}

func TestBatch_NoCapacity_EndsBeforeDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, table := newScarce(0)
		items, _ := numbered(3)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := table.WriteAll(ctx, items, nil)
		var failed *store.BatchError[goal]
		if !errors.As(err, &failed) || len(failed.Items) != 3 {
			t.Errorf("got %v", err)
		}
		if ctx.Err() != nil {
			t.Error("the deadline passed, with no time left to report")
		}
	})
}

func TestBatch_ChunkFails_DoesTheOthers(t *testing.T) {
	s, table := newScarce(25)
	s.err = errors.New("invalid")
	items, _ := numbered(60)
	items[30].GoalID = "bad"
	err := table.WriteAll(t.Context(), items, nil)
	var failed *store.BatchError[goal]
	if !errors.Is(err, s.err) || !errors.As(err, &failed) || len(failed.Items) != 25 || len(s.items) != 35 {
		t.Errorf("%d stored: %v", len(s.items), err)
	}
}

// throttling refuses whole batches for want of capacity, the first so many times.
type throttling struct {
	*scarce
	refusals atomic.Int64
}

func (c *throttling) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	if c.refusals.Add(-1) >= 0 {
		return nil, &types.ProvisionedThroughputExceededException{}
	}
	return c.scarce.BatchWriteItem(ctx, in, options...)
}

func TestWriteAll_ThrottledBatch_IsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newScarce(25)
		c := &throttling{scarce: s}
		c.refusals.Store(5)
		items, _ := numbered(60)
		must(t, store.New[goal](c, "t", goals).WriteAll(t.Context(), items, nil))
		if len(s.items) != 60 {
			t.Errorf("%d of 60 items are stored", len(s.items))
		}
	})
}

func TestWriteAll_DuplicateItem_IsRefused(t *testing.T) {
	s, table := newScarce(25)
	items, keys := numbered(2)
	for _, err := range []error{
		table.WriteAll(t.Context(), append(items, items[0]), nil),
		table.WriteAll(t.Context(), items, keys[:1]),
	} {
		if err == nil || s.calls > 0 {
			t.Errorf("got %v after %d calls", err, s.calls)
		}
	}
}

// contested cancels transactions, and refuses writes, for a conflict.
type contested struct {
	store.Client
	grown            error
	conflicts, calls int
	reasons          []string
}

func (c *contested) TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if c.calls++; c.calls > c.conflicts {
		return &dynamodb.TransactWriteItemsOutput{}, nil
	}
	cancelled := &types.TransactionCanceledException{}
	for _, reason := range c.reasons {
		cancelled.CancellationReasons = append(cancelled.CancellationReasons, types.CancellationReason{Code: aws.String(reason)})
	}
	return nil, cancelled
}

func (c *contested) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if c.calls++; c.calls > c.conflicts {
		return &dynamodb.PutItemOutput{}, nil
	}
	return nil, &types.TransactionConflictException{}
}

func (c *contested) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, c.grown
}

func TestUpdate_ItemBecomesTooLarge_ReturnsErrTooLarge(t *testing.T) {
	for message, want := range map[string]bool{"Item size to update has exceeded the maximum allowed size": true, "Invalid UpdateExpression": false} {
		c := &contested{grown: &smithy.GenericAPIError{Code: "ValidationException", Message: message}}
		_, err := store.New[goal](c, "t", goals).Update(t.Context(), store.Key{"ada", "g"}, saved(1))
		if errors.Is(err, store.ErrTooLarge) != want || !errors.Is(err, c.grown) {
			t.Errorf("%s: got %v", message, err)
		}
	}
}

func TestWrite_Conflict_IsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, try := range map[string]struct {
			conflicts, calls int
			reasons          []string
			want             error
		}{
			"short conflict":  {3, 4, []string{"None", "TransactionConflict"}, nil},
			"throttled":       {2, 3, []string{"ThrottlingError", "None"}, nil},
			"long conflict":   {99, 8, []string{"None", "TransactionConflict"}, store.ErrConflict},
			"condition":       {99, 1, []string{"None", "ConditionalCheckFailed"}, store.ErrConditionFailed},
			"both":            {99, 1, []string{"TransactionConflict", "ConditionalCheckFailed"}, store.ErrConditionFailed},
			"something wrong": {99, 1, []string{"ValidationError", "None"}, &types.TransactionCanceledException{}},
		} {
			c := &contested{conflicts: try.conflicts, reasons: try.reasons}
			table := store.New[goal](c, "t", goals)
			err := table.Transact(t.Context(), table.TxCreate(goal{UserID: "ada", GoalID: "a"}), table.TxCreate(goal{UserID: "ada", GoalID: "b"}))
			var cancelled *types.TransactionCanceledException
			matches := errors.Is(err, try.want) || (errors.As(try.want, &cancelled) && errors.As(err, &cancelled))
			if !matches || c.calls != try.calls {
				t.Errorf("%s: %v after %d calls", name, err, c.calls)
			}
			if errors.Is(err, store.ErrConditionFailed) && (store.ConditionFailedAt(err, 0) || !store.ConditionFailedAt(err, 1)) {
				t.Errorf("%s: %v", name, err)
			}
		}
		c := &contested{conflicts: 2}
		if err := store.New[goal](c, "t", goals).Create(t.Context(), goal{UserID: "ada", GoalID: "a"}); err != nil || c.calls != 3 {
			t.Errorf("a single write: %v after %d calls", err, c.calls)
		}
	})
}
