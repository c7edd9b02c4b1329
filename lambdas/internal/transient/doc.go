// Package transient tells failures that pass by themselves from those that do not,
// and repeats work for as long as its caller can wait.
//
//	err := transient.Retry(ctx, attemptTimeout, func(ctx context.Context) (err error) {
//		renewed, err = pool.Refresh(ctx, refreshToken)
//		return err
//	})
//
// Use it where a client cannot repeat a request itself, and where doing the work
// twice is as good as doing it once. The SDK of AWS repeats a call up to twice; it
// waits without end for an answer that does not come.
package transient
