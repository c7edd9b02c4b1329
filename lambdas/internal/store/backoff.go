package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	// attempts is how often a write that conflicts, or a batch of which something
	// is left over, is tried.
	attempts = 8
	// The waits between attempts are random, up to a bound that doubles: with full
	// jitter, competitors spread best.
	// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
	minWait, maxWait = 25 * time.Millisecond, time.Second
)

// pause waits before the attempt after this many. It returns false at once when
// the wait would outlast the context, and when there are no attempts left.
func pause(ctx context.Context, attempt int) bool {
	if attempt >= attempts || ctx.Err() != nil {
		return false
	}
	wait := rand.N(min(minWait<<(attempt-1), maxWait))
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= wait {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// untilNoConflict does a write again while it returns ErrConflict.
func untilNoConflict(ctx context.Context, write func() error) error {
	for attempt := 1; ; attempt++ {
		err := typed(write())
		if !errors.Is(err, ErrConflict) || !pause(ctx, attempt) {
			return err
		}
	}
}
