package auth

import (
	"context"
	"time"
)

// Every response to a request for an e-mail takes minResponseTime, so that its time does
// not tell the client whether the account exists. workTimeout always ends the work
// earlier. Finding an account and calling Cognito or SES takes a few hundred
// milliseconds, and up to a second in a new execution environment. Both services
// complete a request whose connection ends.
const (
	minResponseTime = 2 * time.Second
	workTimeout     = 1500 * time.Millisecond
)

// padResponseTime returns the use case with a context that ends after workTimeout and a
// response that takes minResponseTime.
func padResponseTime[S, In, Out any](useCase func(S, context.Context, In) (Out, error)) func(S, context.Context, In) (Out, error) {
	return func(service S, ctx context.Context, in In) (Out, error) {
		defer waitFor(ctx, time.After(minResponseTime))
		work, cancel := context.WithTimeout(ctx, workTimeout)
		defer cancel()
		return useCase(service, work, in)
	}
}

// waitFor waits for the timer, or for the end of the invocation.
func waitFor(ctx context.Context, timer <-chan time.Time) {
	select {
	case <-ctx.Done():
	case <-timer:
	}
}
