package backoff_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/backoff"
)

func TestFullJitter_ManyRetries_DoublesBoundUpToMax(t *testing.T) {
	jitter := backoff.FullJitter{Base: 100 * time.Millisecond, Max: time.Second}
	bounds := map[int]time.Duration{0: 100, 1: 200, 2: 400, 3: 800, 4: 1000, 5: 1000, 100: 1000}
	for retry, bound := range bounds {
		bound *= time.Millisecond
		var longest time.Duration
		for range 1000 {
			wait := jitter.Wait(retry)
			if wait < 0 || wait >= bound {
				t.Fatalf("retry %d waits %s, want less than %s", retry, wait, bound)
			}
			longest = max(longest, wait)
		}
		if longest < bound*9/10 {
			t.Errorf("of 1000 waits before retry %d the longest is %s, want close below %s", retry, longest, bound)
		}
	}
}

func TestFits_Deadline_IsCompared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if !backoff.Fits(ctx, time.Second-1) || backoff.Fits(ctx, time.Second) {
			t.Error("want a wait to fit only when it ends before the deadline")
		}
		if !backoff.Fits(t.Context(), time.Hour) {
			t.Error("want any wait to fit into a context without a deadline")
		}
	})
}

func TestSleep_ContextEnds_ReturnsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if !backoff.Sleep(ctx, time.Second/2) || time.Since(start) != time.Second/2 {
			t.Errorf("slept %s, want half a second", time.Since(start))
		}
		if backoff.Sleep(ctx, time.Minute) || time.Since(start) != time.Second {
			t.Errorf("slept until %s, want the end of the context", time.Since(start))
		}
	})
}
