package attempts_test

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Counting is nothing but conditional writes, so it is tested on an engine that
// evaluates them.
func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// world is what environments share: the table, and a clock that tests move.
type world struct {
	t     *testing.T
	table string
	at    atomic.Int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, table: dynamotest.Table(t, tables.LoginAttempts)}
	w.at.Store(1_800_000_000_000)
	return w
}

func (w *world) now() time.Time          { return time.UnixMilli(w.at.Load()) }
func (w *world) advance(d time.Duration) { w.at.Add(d.Milliseconds()) }

// through returns the counter of a new environment with this client.
func (w *world) through(client store.Client) *attempts.Counter {
	return attempts.New(store.New[tables.LoginAttempt](client, w.table, tables.LoginAttempts), w.now)
}

func (w *world) environment() *attempts.Counter { return w.through(dynamotest.Client(w.t)) }

// reserve returns the attempt, or nil when it is locked.
func (w *world) reserve(c *attempts.Counter, subjects ...attempts.AttemptKey) *attempts.Reservation {
	w.t.Helper()
	attempt, err := c.Reserve(context.Background(), subjects...)
	var locked *attempts.LockedError
	if err != nil && !errors.As(err, &locked) {
		w.t.Fatal(err)
	}
	return attempt
}

// fail makes as many attempts that are let through and fail.
func (w *world) fail(c *attempts.Counter, times int, subjects ...attempts.AttemptKey) {
	w.t.Helper()
	for i := range times {
		if w.reserve(c, subjects...) == nil {
			w.t.Fatalf("failure %d of %d is not let through", i+1, times)
		}
	}
}

// locked checks for how long the subject is locked.
func (w *world) locked(c *attempts.Counter, subject attempts.AttemptKey, wait time.Duration) {
	w.t.Helper()
	attempt, err := c.Reserve(context.Background(), subject)
	var locked *attempts.LockedError
	if !errors.As(err, &locked) || attempt != nil || locked.RetryAfter != wait {
		w.t.Errorf("got %v, %v; not locked for %s", attempt, err, wait)
	}
}

// stored returns what is counted for a subject.
func (w *world) stored(id string) tables.LoginAttempt {
	w.t.Helper()
	items := store.New[tables.LoginAttempt](dynamotest.Client(w.t), w.table, tables.LoginAttempts)
	item, err := items.Get(context.Background(), store.Key{id}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return tables.LoginAttempt{}
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return *item
}

var (
	ada     = attempts.SignIn.Of("ada")
	address = fewer.Of("address")
)

// fewer is the policy of addresses with fewer free failures, which take less time.
var fewer = func() attempts.Policy {
	p := attempts.SignInIP
	p.FreeFailures = 4
	return p
}()
