package attempts_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// wire is a client that notes what is sent, sends each write twice when the
// answer to the first is lost, and fails when DynamoDB is down.
type wire struct {
	store.Client
	mu     sync.Mutex
	sent   []string
	lossy  bool
	broken error
}

func newWire(t *testing.T) *wire { return &wire{Client: dynamotest.Client(t)} }

func (w *wire) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return nil, errors.New("an attempt is counted without a read")
}

func (w *wire) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	w.note("put")
	if w.broken != nil {
		return nil, w.broken
	}
	if w.lossy {
		_, _ = w.Client.PutItem(ctx, in, o...)
	}
	return w.Client.PutItem(ctx, in, o...)
}

func (w *wire) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	w.note("delete")
	if w.broken != nil {
		return nil, w.broken
	}
	if w.lossy {
		_, _ = w.Client.DeleteItem(ctx, in, o...)
	}
	return w.Client.DeleteItem(ctx, in, o...)
}

func (w *wire) note(operation string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, operation)
}

func (w *wire) expect(t *testing.T, what string, sent ...string) {
	t.Helper()
	if !slices.Equal(w.sent, sent) {
		t.Errorf("%s: sent %v, not %v", what, w.sent, sent)
	}
	w.sent = nil
}

func TestCount_FirstAttempt_TakesOneWrite(t *testing.T) {
	w, wire := newWorld(t), newWire(t)
	c := w.through(wire)
	first := w.reserve(c, ada)
	wire.expect(t, "the first attempt", "put")
	c.Succeeded(t.Context(), first)
	wire.expect(t, "its success", "delete")
	c.Succeeded(t.Context(), w.reserve(c, address))
	wire.expect(t, "from an address", "put", "delete")

	w.fail(c, 1, ada)
	wire.sent = nil
	w.fail(c, 1, ada)
	wire.expect(t, "after a failure", "put", "put")
	w.fail(c, 3, ada)
	wire.sent = nil
	w.locked(c, ada, 30*time.Second)
	wire.expect(t, "when locked", "put")
}

func TestCount_LostResponse_CountsOnce(t *testing.T) {
	w, wire := newWorld(t), newWire(t)
	wire.lossy = true
	c := w.through(wire)
	w.fail(c, 5, ada)
	w.locked(c, ada, 30*time.Second)

	many := attempts.SignInIP.Of("many")
	w.fail(c, 2, many)
	pending := w.reserve(c, many)
	w.fail(c, 1, many)
	c.Refund(t.Context(), pending)
	if item := w.stored("sign-in-address#many"); item.Failures != 3 {
		t.Errorf("3 attempts failed, %d are counted", item.Failures)
	}
	only := attempts.SignInIP.Of("only")
	c.Refund(t.Context(), w.reserve(c, only))
	if item := w.stored("sign-in-address#only"); item.ID != "" {
		t.Errorf("%+v is left", item)
	}
}

func TestCheck_CountingFails_DoesNotTry(t *testing.T) {
	w, wire := newWorld(t), newWire(t)
	wire.broken = errors.New("DynamoDB is down")
	attempt, err := w.through(wire).Reserve(t.Context(), ada)
	if attempt != nil || !errors.Is(err, apierror.Unavailable) || !errors.Is(err, wire.broken) || apierror.From(err).RetryAfter != time.Second {
		t.Errorf("got %v, %v", attempt, err)
	}
}

func TestCheck_RefundFails_StaysCountedAndIsLogged(t *testing.T) {
	w, wire := newWorld(t), newWire(t)
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	defer slog.SetDefault(before)

	c := w.through(wire)
	attempt := w.reserve(c, address, ada)
	wire.broken = errors.New("DynamoDB is down")
	c.Succeeded(t.Context(), attempt)
	for _, id := range []string{"sign-in-address#address", "sign-in#ada"} {
		if item := w.stored(id); item.Failures != 1 {
			t.Errorf("%s has %d failures", id, item.Failures)
		}
	}
	if lines := strings.Count(log.String(), "stays counted"); lines != 2 || !strings.Contains(log.String(), `"policy":"sign-in"`) {
		t.Errorf("logged %s", &log)
	}
	if err := c.ResetFailures(t.Context(), ada); !errors.Is(err, wire.broken) {
		t.Errorf("got %v", err)
	}
}

// A timed-out guess has no result, so it must not count against the account.
func TestCheck_DeadlinePassed_RefundsAttempt(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	attempt := w.reserve(c, ada)
	ended, end := context.WithCancel(t.Context())
	end()
	c.Refund(ended, attempt)
	if item := w.stored("sign-in#ada"); item.ID != "" {
		t.Errorf("%+v is left", item)
	}
}

// rival makes an attempt of its own before each of the first writes.
type rival struct {
	store.Client
	before func()
	times  int
}

func (r *rival) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if r.times > 0 {
		r.times--
		r.before()
	}
	return r.Client.PutItem(ctx, in, o...)
}

func TestCount_AlwaysConflicts_IsLocked(t *testing.T) {
	w := newWorld(t)
	other := w.environment()
	busy := &rival{Client: dynamotest.Client(t), times: 100}
	busy.before = func() { // never locks it, and is always first
		if err := other.ResetFailures(context.Background(), ada); err != nil {
			t.Error(err)
		}
		w.fail(other, 1, ada)
	}
	w.locked(w.through(busy), ada, time.Second)
}

func TestCount_CountResetInBetween_StartsAtOne(t *testing.T) {
	w := newWorld(t)
	other := w.environment()
	w.fail(other, 3, ada)
	writes := 0
	busy := &rival{Client: dynamotest.Client(t), times: 2}
	busy.before = func() {
		if writes++; writes == 2 {
			if err := other.ResetFailures(context.Background(), ada); err != nil {
				t.Error(err)
			}
		}
	}
	w.fail(w.through(busy), 1, ada)
	if item := w.stored("sign-in#ada"); item.Failures != 1 {
		t.Errorf("%d failures are counted", item.Failures)
	}
}
