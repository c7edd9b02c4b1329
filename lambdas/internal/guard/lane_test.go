package guard_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
)

// newLanes returns a guard whose route has limits of 2 for an address and these for
// a secret.
func newLanes(w *world, limits ...function.Limit) *guard.Guard {
	return guard.New(w.db, w.limits, []function.Route{{
		Key: key, Access: function.AccessPublic,
		Limits: []function.Limit{{Requests: 2, Per: time.Minute}},
		Lane:   &function.Lane{Limits: limits},
	}}, w.now)
}

func TestLane_UnknownSecret_HasNoneAndStoresNothing(t *testing.T) {
	w := newWorld(t)
	g := newLanes(w, function.Limit{Requests: 60, Per: time.Minute})
	for range 100 {
		if err := g.Check(t.Context(), key, guard.Holder("made up")); !errors.Is(err, guard.ErrNoLane) {
			t.Fatalf("got %v", err)
		}
	}
	stored, err := w.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(w.limits)})
	if err != nil || stored.Count != 0 {
		t.Errorf("%d items are stored, %v", stored.Count, err)
	}
}

func TestLane_ParallelRequestsOfOneSecret_GetExactlyItsLimit(t *testing.T) {
	w := newWorld(t)
	holder := guard.Holder("token")
	if err := newLanes(w).Admit(t.Context(), holder); err != nil {
		t.Fatal(err)
	}
	var served atomic.Int64
	var all sync.WaitGroup
	for range 30 { // each in an environment of its own
		all.Go(func() {
			if newLanes(w, function.Limit{Requests: 15, Per: time.Minute}).Check(t.Context(), key, holder) == nil {
				served.Add(1)
			}
		})
	}
	all.Wait()
	if served.Load() != 15 {
		t.Errorf("%d of a burst of 30 were served", served.Load())
	}
}

func TestLane_CountsApartFromAddressAndOtherSecrets(t *testing.T) {
	w := newWorld(t)
	g := newLanes(w, function.Limit{Requests: 3, Per: time.Minute})
	holder, other, address := guard.Holder("token"), guard.Holder("another"), guard.SourceIP("here")
	for _, h := range []guard.LimitKey{holder, other} {
		if err := g.Admit(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	for allowed(t, g, address) {
	}
	for i := range 3 {
		if !allowed(t, g, holder) {
			t.Fatalf("request %d of the lane is refused", i+1)
		}
	}
	if allowed(t, g, holder) || !allowed(t, g, other) {
		t.Error("the lane has no limit of its own")
	}
	if err := g.Admit(t.Context(), holder); err != nil || allowed(t, g, holder) {
		t.Errorf("a second admission filled the lane: %v", err)
	}
}
