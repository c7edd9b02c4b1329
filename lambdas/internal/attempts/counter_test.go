package attempts_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestCount_SixthFailure_WaitsAndDoubles(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	for _, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 16 * time.Minute} {
		w.locked(c, ada, wait)
		w.advance(wait - time.Millisecond)
		w.locked(c, ada, time.Millisecond)
		w.advance(time.Millisecond)
		w.fail(c, 1, ada)
	}
}

func TestCount_DuringWait_KeepsWait(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	for left := 30 * time.Second; left > 0; left -= 5 * time.Second {
		w.locked(c, ada, left)
		w.advance(5 * time.Second)
	}
	w.fail(c, 1, ada)
}

func TestCount_ParallelGuesses_AllowsFreeFailuresOnly(t *testing.T) {
	w := newWorld(t)
	for round, want := range []int64{5, 1, 1} {
		var through atomic.Int64
		var all sync.WaitGroup
		for range 2 {
			environment := w.environment()
			for range 5 {
				all.Go(func() {
					_, err := environment.Reserve(context.Background(), ada)
					var locked *attempts.LockedError
					if err == nil {
						through.Add(1)
					} else if !errors.As(err, &locked) {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if through.Load() != want {
			t.Errorf("round %d: of 10 parallel guesses %d were let through, not %d", round+1, through.Load(), want)
		}
		w.advance(time.Duration(30<<round) * time.Second)
	}
}

func TestCount_DayWithoutFailure_ResetsFailures(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	w.advance(24*time.Hour - time.Millisecond)
	w.fail(c, 1, ada)
	w.locked(c, ada, time.Minute)
	w.advance(24 * time.Hour)
	w.fail(c, 5, ada)
	w.locked(c, ada, 30*time.Second)
	if item := w.stored("sign-in#ada"); item.ExpiresAt != w.now().Add(24*time.Hour+time.Second).Unix() {
		t.Errorf("the count is deleted at %d", item.ExpiresAt)
	}
}

func TestCount_OneKeyLocked_CountsForNone(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	if w.reserve(c, address, ada) != nil {
		t.Error("a locked account is tried")
	}
	if item := w.stored("sign-in-address#address"); item.Failures != 0 {
		t.Errorf("the address has %d failures and nothing was tried", item.Failures)
	}
	w.fail(c, 4, address)
	bob := attempts.SignIn.Of("bob")
	if w.reserve(c, address, bob) != nil {
		t.Error("a locked address tries an account")
	}
	w.fail(c, 5, bob)
}

func TestCount_KeysAndPolicies_AreSeparate(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	for _, subject := range []attempts.AttemptKey{ada, attempts.SignIn.Of("bob"), attempts.Code.Of("ada"), attempts.PIN.Of("ada")} {
		w.fail(c, 5, subject)
		w.locked(c, subject, 30*time.Second)
	}
}

func TestCount_EmptyPseudonym_IsRefused(t *testing.T) {
	w := newWorld(t)
	if _, err := w.environment().Reserve(t.Context(), attempts.SignIn.Of("")); err == nil {
		t.Error("attempts are counted without a user")
	}
}

func TestOpen_WithoutGrant_Fails(t *testing.T) {
	open := func(granted ...tables.Grant) error {
		f := function.Define(function.Spec[*attempts.Counter]{
			Name: "f", Purpose: "Tests.", Permissions: function.Permissions{Tables: granted},
			New: func(resources *function.Resources) (*attempts.Counter, error) { return attempts.Open(resources), nil },
		})
		_, err := f.Bind(function.NewResources(aws.Config{}, func(name string) (string, bool) { return name, true }))
		return err
	}
	if open() == nil {
		t.Error("a counter without the right is opened")
	}
	if err := open(attempts.Grant); err != nil {
		t.Error(err)
	}
}
