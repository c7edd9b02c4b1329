package transient

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/backoff"
)

// jitter is the backoff between attempts.
var jitter = backoff.FullJitter{Base: 50 * time.Millisecond, Max: time.Second}

// Retry repeats work that fails with a transient error. It stops when the context ends
// or a quota is used up, and returns the last error. attemptTimeout bounds each attempt.
func Retry(ctx context.Context, attemptTimeout time.Duration, work func(context.Context) error) error {
	for retry := 0; ; retry++ {
		err := attemptOnce(ctx, attemptTimeout, work)
		if err == nil || !Is(err) || IsQuotaExceeded(err) {
			return err
		}
		wait := jitter.Wait(retry)
		if !backoff.Fits(ctx, wait) || !backoff.Sleep(ctx, wait) {
			return err
		}
	}
}

func attemptOnce(ctx context.Context, timeout time.Duration, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return work(ctx)
}
