package idempotency_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// The tests in this file are the rows of the table of crashes in
// docs/idempotency.md. A crash is a panic that only the test recovers, as
// when the process ends.

type crash struct{}

func crashing(t *testing.T, do func()) {
	t.Helper()
	defer func() {
		if cause := recover(); cause != (crash{}) {
			t.Fatalf("no crash: %v", cause)
		}
	}()
	do()
}

// lease is longer than any attempt of a test is leased.
const lease = time.Minute

// hurried is a context that says when it ends and does not: how long the engine
// takes on a busy machine decides nothing.
type hurried struct {
	context.Context
	end time.Time
}

func (h hurried) Deadline() (time.Time, bool) { return h.end, true }

// soon returns a context that leaves no time to wait for another attempt.
func soon(t *testing.T) context.Context {
	return hurried{t.Context(), time.Now().Add(50 * time.Millisecond)}
}

func TestDo_CrashBeforeWrites_BlocksUntilLeaseEnds(t *testing.T) {
	stage := newStage(t)
	s := &service{r: stage.environment(dynamotest.Client(t))}
	crashing(t, func() {
		_, _ = idempotency.Do(t.Context(), s.r, request, func(context.Context) (budget, error) { panic(crash{}) })
	})
	if _, err := s.do(soon(t), request); !errors.Is(err, idempotency.ErrInProgress) {
		t.Errorf("got %v", err)
	}
	other := request
	other.Body = nil
	stage.advance(lease)
	if _, err := s.do(soon(t), other); !errors.Is(err, idempotency.ErrKeyReused) {
		t.Errorf("another body after the crash: got %v", err)
	}
	s.expect(t, request, "b1")
}

// Its last write may still be on its way.
func TestDo_DeadlinePassed_BlocksUntilLeaseEnds(t *testing.T) {
	stage := newStage(t)
	s := &service{r: stage.environment(dynamotest.Client(t))}
	ctx, end := context.WithCancel(t.Context())
	_, err := idempotency.Do(ctx, s.r, request, func(ctx context.Context) (budget, error) {
		end()
		return budget{}, ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := s.do(soon(t), request); !errors.Is(err, idempotency.ErrInProgress) {
		t.Errorf("a repetition: got %v", err)
	}
	stage.advance(lease)
	s.expect(t, request, "b1")
}

func TestDo_CrashBeforeRecord_RepeatsWrites(t *testing.T) {
	stage := newStage(t)
	r, table := stage.environment(dynamotest.Client(t)), stage.table(t)
	crashing(t, func() {
		_, _ = idempotency.Do(t.Context(), r, request, func(ctx context.Context) (budget, error) {
			_ = table.Create(ctx, budget{ID: "chosen-by-the-client", Amount: 5})
			panic(crash{})
		})
	})
	stage.advance(lease)
	got, err := idempotency.Do(t.Context(), r, request, func(ctx context.Context) (budget, error) {
		err := table.Create(ctx, budget{ID: "chosen-by-the-client", Amount: 5})
		if errors.Is(err, store.ErrConditionFailed) { // harmless the second time
			made, err := table.Get(ctx, store.Key{"chosen-by-the-client"}, store.Consistent)
			return *made, err
		}
		t.Error("the first write is lost")
		return budget{}, err
	})
	if err != nil || got.Amount != 5 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// create makes a budget and records it in one transaction.
func create(r *idempotency.Records, table *store.Table[budget], id string, before, after func() error) func(context.Context) (budget, error) {
	return func(ctx context.Context) (budget, error) {
		return idempotency.Do(ctx, r, request, func(ctx context.Context) (budget, error) {
			made := budget{ID: id, Amount: 5}
			completion, err := idempotency.Completion(ctx, made)
			if err != nil {
				return made, err
			}
			if err := before(); err != nil {
				return made, err
			}
			if err := table.Transact(ctx, table.TxCreate(made), completion); err != nil {
				return made, err
			}
			return made, after()
		})
	}
}

func nothing() error { return nil }

func (s *stage) exist(t *testing.T, want ...string) {
	t.Helper()
	out, err := dynamotest.Client(t).Scan(t.Context(), &dynamodb.ScanInput{TableName: &s.budgets})
	if err != nil || len(out.Items) != len(want) {
		t.Fatalf("%d budgets exist, not %v: %v", len(out.Items), want, err)
	}
	for _, id := range want {
		if _, err := s.table(t).Get(t.Context(), store.Key{id}, store.Consistent); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestCompletion_CrashBeforeTransaction_LeavesNothing(t *testing.T) {
	stage := newStage(t)
	r := stage.environment(dynamotest.Client(t))
	crashing(t, func() {
		_, _ = create(r, stage.table(t), "first", func() error { panic(crash{}) }, nothing)(t.Context())
	})
	stage.exist(t)
	stage.advance(lease)
	if got, err := create(r, stage.table(t), "second", nothing, nothing)(t.Context()); err != nil || got.ID != "second" {
		t.Errorf("got %+v, %v", got, err)
	}
	stage.exist(t, "second")
}

func TestCompletion_CrashAfterTransaction_ReturnsResponse(t *testing.T) {
	stage := newStage(t)
	r := stage.environment(dynamotest.Client(t))
	crashing(t, func() {
		_, _ = create(r, stage.table(t), "first", nothing, func() error { panic(crash{}) })(t.Context())
	})
	if got, err := create(r, stage.table(t), "second", nothing, nothing)(t.Context()); err != nil || got.ID != "first" {
		t.Errorf("got %+v, %v", got, err)
	}
	stage.exist(t, "first")
}

func TestCompletion_LostResponse_IsSuccess(t *testing.T) {
	stage := newStage(t)
	r := stage.environment(dynamotest.Client(t))
	lost := errors.New("connection reset")
	for range 2 {
		got, err := create(r, stage.table(t), "first", nothing, func() error { return lost })(t.Context())
		if err != nil || got.ID != "first" {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	stage.exist(t, "first")
}

func TestCompletion_TransactionFails_MayBeRepeated(t *testing.T) {
	stage := newStage(t)
	r := stage.environment(dynamotest.Client(t))
	if err := stage.table(t).Create(t.Context(), budget{ID: "taken"}); err != nil {
		t.Fatal(err)
	}
	if _, err := create(r, stage.table(t), "taken", nothing, nothing)(t.Context()); !store.ConditionFailedAt(err, 0) {
		t.Errorf("got %v", err)
	}
	if got, err := create(r, stage.table(t), "free", nothing, nothing)(t.Context()); err != nil || got.ID != "free" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCompletion_LeaseExpired_WritesNothing(t *testing.T) {
	stage := newStage(t)
	slow, quick := stage.environment(dynamotest.Client(t)), stage.environment(dynamotest.Client(t))
	_, err := create(slow, stage.table(t), "slow", func() error {
		stage.advance(lease)
		got, err := create(quick, stage.table(t), "quick", nothing, nothing)(t.Context())
		if err != nil || got.ID != "quick" {
			t.Errorf("the second attempt: got %+v, %v", got, err)
		}
		return nil
	}, nothing)(t.Context())
	if !errors.Is(err, idempotency.ErrInProgress) {
		t.Errorf("the slow attempt: got %v", err)
	}
	stage.exist(t, "quick")
	if got, err := create(slow, stage.table(t), "third", nothing, nothing)(t.Context()); err != nil || got.ID != "quick" {
		t.Errorf("a repetition: got %+v, %v", got, err)
	}
}

// repeating sends every put twice, as the SDK does when an answer is lost, and
// fails updates when it is told to.
type repeating struct {
	store.Client
	failure error
}

func (r repeating) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if _, err := r.Client.PutItem(ctx, in, o...); err != nil {
		return nil, err
	}
	return r.Client.PutItem(ctx, in, o...)
}

func (r repeating) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if r.failure != nil {
		return nil, r.failure
	}
	return r.Client.UpdateItem(ctx, in, o...)
}

func TestDo_LeaseResponseLost_HoldsLease(t *testing.T) {
	s := &service{r: newStage(t).environment(repeating{Client: dynamotest.Client(t)})}
	s.expect(t, request, "b1")
	s.expect(t, request, "b1")
}

func TestDo_RecordingFails_ReturnsResponse(t *testing.T) {
	s := &service{r: newStage(t).environment(repeating{dynamotest.Client(t), errors.New("throttled")})}
	s.expect(t, request, "b1")
}

func TestDo_LeaseFails_DoesNotRun(t *testing.T) {
	stage := newStage(t)
	s := &service{r: stage.environment(dynamotest.Client(t))}
	stage.kms.Err = errors.New("KMS is down")
	if _, err := s.do(t.Context(), request); !errors.Is(err, stage.kms.Err) || s.runs.Load() != 0 {
		t.Errorf("got %v after %d runs", err, s.runs.Load())
	}
}

func TestCompletion_OutsideDo_IsRefused(t *testing.T) {
	if _, err := idempotency.Completion(t.Context(), budget{}); err == nil {
		t.Error("there is nothing to complete")
	}
}

func TestIdentity_Attempts_ShareItAndOtherRequestsDoNot(t *testing.T) {
	records := newStage(t).environment(dynamotest.Client(t))
	errFailed := errors.New("the attempt fails")
	identity := func(r idempotency.Request) (id string, window time.Duration) {
		_, err := idempotency.Do(t.Context(), records, r, func(ctx context.Context) (_ budget, err error) {
			if id, window, err = idempotency.Identity(ctx); err != nil {
				return budget{}, err
			}
			return budget{}, errFailed
		})
		if !errors.Is(err, errFailed) {
			t.Fatalf("got %v", err)
		}
		return id, window
	}
	other, otherKey, derived := request, request, request
	other.Body, otherKey.ClientKey, derived.ClientKey = []byte(`{"amount":6}`), "k2", ""
	ids := map[string]bool{}
	for r, want := range map[*idempotency.Request]time.Duration{
		&request: idempotency.ClientWindow, &other: idempotency.ClientWindow, &otherKey: idempotency.ClientWindow, &derived: idempotency.DerivedWindow,
	} {
		first, window := identity(*r)
		if again, _ := identity(*r); again != first || first == "" || window != want {
			t.Errorf("%+v: got %q and %q, %s", *r, first, again, window)
		}
		ids[first] = true
	}
	if len(ids) != 4 {
		t.Errorf("four requests have the ids %v", ids)
	}
	if _, _, err := idempotency.Identity(t.Context()); err == nil {
		t.Error("there is no request")
	}
}
