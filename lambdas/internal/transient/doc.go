// Package transient recognises failures that pass by themselves, and retries work
// within its caller's deadline.
//
//	err := transient.Retry(ctx, attemptTimeout, func(ctx context.Context) (err error) {
//		renewed, err = pool.Refresh(ctx, refreshToken)
//		return err
//	})
//
// Use it where a client cannot retry by itself, and where doing the work twice has
// the same effect as doing it once. The SDK of AWS retries a call twice at most, and
// waits without limit for a response.
package transient
