// Package backoff waits between the attempts of a call that is repeated.
//
//	var jitter = backoff.FullJitter{Base: 50 * time.Millisecond, Max: time.Second}
//
//	wait := jitter.Wait(retry)
//	if !backoff.Fits(ctx, wait) || !backoff.Sleep(ctx, wait) {
//		return err
//	}
package backoff
