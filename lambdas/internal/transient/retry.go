package transient

import (
	"context"
	"math/rand/v2"
	"time"
)

// The pauses between attempts are random, up to a bound that doubles: with full
// jitter, competitors spread best.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
const (
	firstPause = 50 * time.Millisecond
	maxPause   = time.Second
)

// Retry does the work again while it fails with a failure that passes by itself, the
// context lasts, and no quota is used up. Each attempt ends after attemptTimeout. Retry returns the
// work's last error.
func Retry(ctx context.Context, attemptTimeout time.Duration, work func(context.Context) error) error {
	for attempt := 0; ; attempt++ {
		err := once(ctx, attemptTimeout, work)
		if err == nil || !Is(err) || IsUsedUpQuota(err) || !pause(ctx, attempt) {
			return err
		}
	}
}

func once(ctx context.Context, timeout time.Duration, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return work(ctx)
}

// pause waits before the next attempt. It returns false at once when the wait would
// outlast the context.
func pause(ctx context.Context, attempt int) bool {
	wait := rand.N(min(firstPause<<min(attempt, 10), maxPause))
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
