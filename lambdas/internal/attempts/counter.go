package attempts

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// refundTimeout is how long giving an attempt back may take when the request's own
// time is up: less than the pipeline keeps for the answer.
const refundTimeout = 300 * time.Millisecond

// maxRefundTries is how often giving an attempt back is tried. More than one is
// needed only when others try the same at the same time.
const maxRefundTries = 8

// Counter counts attempts. It is safe for concurrent use.
type Counter struct {
	items *store.Table[tables.LoginAttempt]
	now   func() time.Time
}

// Grant is the right that a function needs for a Counter.
var Grant = tables.LoginAttempts.Allow(tables.PutItem, tables.DeleteItem)

// Open returns the counter for a function that declares Grant.
func Open(resources *function.Resources) *Counter {
	return New(store.Open[tables.LoginAttempt](resources, tables.LoginAttempts), time.Now)
}

// New returns the counter in this table.
func New(items *store.Table[tables.LoginAttempt], now func() time.Time) *Counter {
	return &Counter{items: items, now: now}
}

// reservation is an attempt that is counted as a failure until it is told to be
// something else. The zero value is of no subject.
type reservation struct{ counted []counted }

// counted is one subject's count, as it was written with the attempt in it.
type counted struct {
	key   AttemptKey
	count tables.LoginAttempt
	// lastAt is when the attempt before this one began.
	lastAt int64
}

// Count counts a request that is no guess, such as one that sends an e-mail, for all
// of the subjects, or for none of them when one is locked. It returns a *LockedError,
// or apierror.Unavailable when it cannot count.
func (c *Counter) Count(ctx context.Context, keys ...AttemptKey) error {
	_, err := c.reserveAll(ctx, keys...)
	return err
}

// reserveAll counts an attempt for all of the subjects, or for none of them when one
// is locked. It returns a *LockedError, or apierror.Unavailable when it cannot count.
func (c *Counter) reserveAll(ctx context.Context, keys ...AttemptKey) (*reservation, error) {
	attempt := &reservation{}
	for _, key := range keys {
		one, err := c.reserve(ctx, key)
		if err != nil {
			c.refundAll(ctx, attempt)
			return nil, err
		}
		attempt.counted = append(attempt.counted, one)
	}
	return attempt, nil
}

func (c *Counter) reserve(ctx context.Context, key AttemptKey) (counted, error) {
	if err := key.validate(); err != nil {
		return counted{}, err
	}
	policy := key.policy
	var stored tables.LoginAttempt      // as far as is known: there is none
	for range policy.FreeFailures + 2 { // each refused write was another's attempt
		now := c.now()
		current := key.current(stored, now)
		if wait := policy.wait(current, now); wait > 0 {
			return counted{}, &LockedError{Policy: policy.Name, RetryAfter: wait}
		}
		count := policy.withFailure(current, now)
		count.ID = key.id()
		err := c.items.Replace(ctx, &count)
		if err == nil {
			return counted{key: key, count: count, lastAt: current.LastAt}, nil
		}
		if stored, err = c.conflictingCount(err); err != nil {
			return counted{}, apierror.Unavailable.After(time.Second).Because(err)
		}
	}
	// The count changes faster than it can be written: somebody is in a hurry.
	return counted{}, &LockedError{Policy: policy.Name, RetryAfter: time.Second}
}

// conflictingCount returns the count that a write did not expect, the zero value when
// there is none, or the error if the write failed otherwise.
func (c *Counter) conflictingCount(err error) (tables.LoginAttempt, error) {
	if found, refused := c.items.ConflictingItem(err); refused {
		return *found, nil
	}
	if errors.Is(err, store.ErrConditionFailed) {
		return tables.LoginAttempt{}, nil
	}
	return tables.LoginAttempt{}, err
}

// recordSuccess tells that the secret was right: every subject's failures are
// forgotten, and those of a shared subject keep all but this attempt. The client
// is to hear of the success whether or not this can be written, so a failure is
// logged; the attempt then stays counted.
func (c *Counter) recordSuccess(ctx context.Context, attempt *reservation) {
	c.updateCounts(ctx, attempt, func(ctx context.Context, one counted) error {
		if one.key.policy.KeepFailuresOnSuccess {
			return c.refund(ctx, one)
		}
		return c.resetFailures(ctx, one.key)
	})
}

// refundAll tells that the secret was not looked at, or that whoever sent it will
// not hear whether it was right: the attempt never was. A failure is logged; the
// attempt then stays counted.
func (c *Counter) refundAll(ctx context.Context, attempt *reservation) {
	c.updateCounts(ctx, attempt, c.refund)
}

// ResetFailures forgets the failures of the subjects, because the owner has proved to be
// one in another way, such as by a code, or has a new secret. It returns the
// errors of DynamoDB.
func (c *Counter) ResetFailures(ctx context.Context, keys ...AttemptKey) error {
	var failures []error
	for _, key := range keys {
		failures = append(failures, c.resetFailures(ctx, key))
	}
	return errors.Join(failures...)
}

func (c *Counter) updateCounts(ctx context.Context, attempt *reservation, how func(context.Context, counted) error) {
	if ctx.Err() != nil {
		afterDeadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), refundTimeout)
		defer cancel()
		ctx = afterDeadline
	}
	var all sync.WaitGroup
	for _, one := range attempt.counted {
		all.Go(func() {
			if err := how(ctx, one); err != nil {
				slog.WarnContext(ctx, "an attempt stays counted as a failure", "policy", one.key.policy.Name, "error", err.Error())
			}
		})
	}
	all.Wait()
}

func (c *Counter) resetFailures(ctx context.Context, key AttemptKey) error {
	return c.items.Delete(ctx, store.Key{key.id()})
}

// refund takes one attempt off the count. If it was the last one, the wait is
// again that of the one before; nobody else's wait gets shorter.
func (c *Counter) refund(ctx context.Context, one counted) error {
	stored := one.count // unless somebody has written since
	var err error
	for range maxRefundTries {
		reduced := withoutFailure(stored, one)
		reduced.ExpiresAt = one.key.policy.expiry(reduced)
		if err = c.replace(ctx, reduced); err == nil {
			return nil
		}
		found, failure := c.conflictingCount(err)
		if failure != nil || isEmpty(found) {
			return failure // nothing is left to take it off
		}
		stored = found
	}
	return err
}

// withoutFailure returns a stored count without the attempt.
func withoutFailure(stored tables.LoginAttempt, one counted) tables.LoginAttempt {
	stored.Failures = max(0, stored.Failures-1)
	if stored.Version == one.count.Version {
		stored.LastAt = one.lastAt
	}
	if stored.DayFailures > 0 && stored.DayBegan == one.count.DayBegan { // of the same day
		if stored.DayFailures--; stored.DayFailures == 0 {
			stored.DayBegan = 0
		}
	}
	return stored
}

func isEmpty(count tables.LoginAttempt) bool { return count.Failures == 0 && count.DayFailures == 0 }

// replace stores a count, or deletes it when it has come to nothing.
func (c *Counter) replace(ctx context.Context, count tables.LoginAttempt) error {
	if !isEmpty(count) {
		return c.items.Replace(ctx, &count)
	}
	unchanged := expression.Name("version").Equal(expression.Value(count.Version))
	return c.items.Delete(ctx, store.Key{count.ID}, unchanged)
}
