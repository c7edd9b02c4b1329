package guard_test

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
)

// A bucket is a time, so an environment whose clock is six seconds ahead finds six
// seconds' worth of it more, once, and one that is behind waits as much longer.
func TestCheck_ClockSkew_ChangesLimitByItsSize(t *testing.T) {
	w := newWorld(t)
	subject := guard.User(caller(w))
	routes := []function.Route{{Key: key, Limits: []function.Limit{{Requests: 10, Per: time.Minute}}, Access: function.AccessSignedIn}}
	exact := guard.New(w.db, w.limits, routes, w.now)
	ahead := guard.New(w.db, w.limits, routes, func() time.Time { return w.now().Add(6 * time.Second) })
	through := 0
	for range 15 {
		if allowed(t, exact, subject) {
			through++
		}
	}
	for range 15 {
		if allowed(t, ahead, subject) {
			through++
		}
	}
	if through != 11 {
		t.Errorf("%d requests came through a limit of 10", through)
	}
	w.advance(6 * time.Second)
	if allowed(t, exact, subject) {
		t.Error("what the clock ahead took is given twice")
	}
	w.advance(6 * time.Second)
	if !allowed(t, exact, subject) {
		t.Error("the bucket does not fill any more")
	}
}
