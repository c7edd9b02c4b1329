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

// maxRefundTries is how often a refund is tried. A second try is needed only when
// attempts in parallel change the same count.
const maxRefundTries = 8

// Counter counts attempts. It is safe for concurrent use.
type Counter struct {
	items *store.Table[tables.LoginAttempt]
	now   func() time.Time
}

// Grant is the permission that a function needs for a Counter.
var Grant = tables.LoginAttempts.Allow(tables.PutItem, tables.DeleteItem)

// Open returns the counter for a function that declares Grant.
func Open(resources *function.Resources) *Counter {
	return New(store.Open[tables.LoginAttempt](resources, tables.LoginAttempts), time.Now)
}

// New returns the counter in this table.
func New(items *store.Table[tables.LoginAttempt], now func() time.Time) *Counter {
	return &Counter{items: items, now: now}
}

// reservation is an attempt that counts as a failure until its outcome is known. The
// zero value has no counts.
type reservation struct{ counted []counted }

// counted is one count as it was written, with the attempt included.
type counted struct {
	key   AttemptKey
	count tables.LoginAttempt
	// lastAt is when the previous attempt began.
	lastAt int64
}

// Count counts a request that is not a guess, such as one that sends an e-mail. It
// counts for all of the keys, or for none when one is locked. It returns a
// *LockedError, or apierror.Unavailable when it cannot count.
func (c *Counter) Count(ctx context.Context, keys ...AttemptKey) error {
	_, err := c.reserveAll(ctx, keys...)
	return err
}

// reserveAll counts an attempt for all of the keys, or for none when one is locked.
// It returns a *LockedError, or apierror.Unavailable when it cannot count.
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
	var stored tables.LoginAttempt      // the first try assumes that no item exists
	for range policy.FreeFailures + 2 { // each conflict is another attempt's write
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
	// The count changes faster than it can be written, because attempts come in
	// parallel.
	return counted{}, &LockedError{Policy: policy.Name, RetryAfter: time.Second}
}

// conflictingCount returns the count that made the condition of a write fail, or the
// zero value when there is none. It returns any other error of the write unchanged.
func (c *Counter) conflictingCount(err error) (tables.LoginAttempt, error) {
	if found, refused := c.items.ConflictingItem(err); refused {
		return *found, nil
	}
	if errors.Is(err, store.ErrConditionFailed) {
		return tables.LoginAttempt{}, nil
	}
	return tables.LoginAttempt{}, err
}

// recordSuccess records that the secret was right. It resets the failures of every
// key; a key that keeps failures loses this attempt only. The client gets its success
// even when this write fails: the failure is logged, and the attempt stays counted.
func (c *Counter) recordSuccess(ctx context.Context, attempt *reservation) {
	c.updateCounts(ctx, attempt, func(ctx context.Context, one counted) error {
		if one.key.policy.KeepFailuresOnSuccess {
			return c.refund(ctx, one)
		}
		return c.resetFailures(ctx, one.key)
	})
}

// refundAll removes the attempt from the counts, because the secret was not checked
// or its sender will not learn the result. A failure is logged, and the attempt stays
// counted.
func (c *Counter) refundAll(ctx context.Context, attempt *reservation) {
	c.updateCounts(ctx, attempt, c.refund)
}

// ResetFailures resets the failures of the keys, because the owner proved their
// identity in another way, such as by a code, or has a new secret. It returns the
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
				slog.WarnContext(ctx, "updating the count of an attempt failed; it stays counted", "policy", one.key.policy.Name, "error", err.Error())
			}
		})
	}
	all.Wait()
}

func (c *Counter) resetFailures(ctx context.Context, key AttemptKey) error {
	return c.items.Delete(ctx, store.Key{key.id()})
}

// refund removes one attempt from the count. Removing the last attempt restores the
// previous wait. The waits of other attempts stay.
func (c *Counter) refund(ctx context.Context, one counted) error {
	stored := one.count // as this attempt wrote it
	var err error
	for range maxRefundTries {
		reduced := withoutFailure(stored, one)
		reduced.ExpiresAt = one.key.policy.expiry(reduced)
		if err = c.replace(ctx, reduced); err == nil {
			return nil
		}
		found, failure := c.conflictingCount(err)
		if failure != nil || isEmpty(found) {
			return failure // no failures are counted any more
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
	if stored.DayFailures > 0 && stored.DayBegan == one.count.DayBegan { // counted on the same day
		if stored.DayFailures--; stored.DayFailures == 0 {
			stored.DayBegan = 0
		}
	}
	return stored
}

func isEmpty(count tables.LoginAttempt) bool { return count.Failures == 0 && count.DayFailures == 0 }

// replace stores a count, or deletes a count of zero.
func (c *Counter) replace(ctx context.Context, count tables.LoginAttempt) error {
	if !isEmpty(count) {
		return c.items.Replace(ctx, &count)
	}
	unchanged := expression.Name("version").Equal(expression.Value(count.Version))
	return c.items.Delete(ctx, store.Key{count.ID}, unchanged)
}
