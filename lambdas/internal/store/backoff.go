package store

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/backoff"
)

// maxAttempts is how often a conflicting write, or an incomplete batch, is tried.
const maxAttempts = 8

// jitter is the backoff between attempts.
var jitter = backoff.FullJitter{Base: 25 * time.Millisecond, Max: time.Second}

// pause waits after this many attempts, and reports whether another attempt may
// follow. It returns false at once when the wait would end after the context's
// deadline.
func pause(ctx context.Context, attempts int) bool {
	if attempts >= maxAttempts || ctx.Err() != nil {
		return false
	}
	wait := jitter.Wait(attempts - 1)
	return backoff.Fits(ctx, wait) && backoff.Sleep(ctx, wait)
}

// untilNoConflict repeats a write while it returns ErrConflict.
func untilNoConflict(ctx context.Context, write func() error) error {
	for attempt := 1; ; attempt++ {
		err := toStoreError(write())
		if !errors.Is(err, ErrConflict) || !pause(ctx, attempt) {
			return err
		}
	}
}
