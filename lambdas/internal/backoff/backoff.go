package backoff

import (
	"context"
	"math/rand/v2"
	"time"
)

// FullJitter draws random waits below a bound that doubles with each retry. Random
// waits keep competing clients from retrying at the same moment.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
type FullJitter struct {
	// Base is the bound before the first retry. Required.
	Base time.Duration
	// Max is the largest bound. Required.
	Max time.Duration
}

// maxDoublings keeps the bound from overflowing.
const maxDoublings = 10

// Wait returns a random wait before a retry. The first retry is 0.
func (j FullJitter) Wait(retry int) time.Duration {
	return rand.N(min(j.Base<<min(retry, maxDoublings), j.Max))
}

// Fits reports whether the wait ends before the context's deadline. A context without
// a deadline has time for any wait.
func Fits(ctx context.Context, wait time.Duration) bool {
	end, ok := ctx.Deadline()
	return !ok || wait < time.Until(end)
}

// Sleep waits, and reports whether the context lasted as long.
func Sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
