package attempts_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
)

func TestCheck_Right_ResetsAccountFailures(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 4, ada)
	c.Succeeded(t.Context(), w.reserve(c, ada))
	w.fail(c, 5, ada)
	w.locked(c, ada, 30*time.Second)
}

func TestCheck_Right_RefundsOriginOneAttempt(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 4, address)
	w.advance(30 * time.Second)
	before := w.stored("sign-in-address#address")
	c.Succeeded(t.Context(), w.reserve(c, address))
	after := w.stored("sign-in-address#address")
	before.Version = after.Version
	if after != before || after.Failures != 4 {
		t.Errorf("before the success there was %+v, after it %+v", before, after)
	}
	w.fail(c, 1, address) // at once: the success has cost no wait
	w.locked(c, address, time.Minute)
}

// The attacker has an account and guesses the passwords of other accounts.
func TestCheck_SuccessesBetweenGuesses_KeepOriginLocked(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	own := attempts.SignIn.Of("own")
	for i, victim := range []pseudonym.Pseudonym{"ada", "bob", "cyd", "dan"} {
		w.fail(c, 1, address, attempts.SignIn.Of(victim))
		if attempt := w.reserve(c, address, own); i < 3 {
			c.Succeeded(t.Context(), attempt)
		} else if attempt != nil {
			t.Error("after 4 failures at the accounts of others, another attempt is let through")
		}
	}
}

func TestCheck_RightAtFirstAttempt_LeavesNoItem(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	c.Succeeded(t.Context(), w.reserve(c, address, ada))
	for _, id := range []string{"sign-in-address#address", "sign-in#ada"} {
		if item := w.stored(id); item.ID != "" {
			t.Errorf("%+v is left", item)
		}
	}
}

func TestCheck_ParallelSuccesses_AreAllRefunded(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	many := attempts.SignInIP.Of("address")
	w.fail(c, 3, many)
	pending := make([]*attempts.Reservation, 6)
	for i := range pending {
		pending[i] = w.reserve(c, many)
	}
	w.fail(c, 1, many)
	var all sync.WaitGroup
	for _, attempt := range pending {
		all.Go(func() { w.environment().Succeeded(context.Background(), attempt) })
	}
	all.Wait()
	if item := w.stored("sign-in-address#address"); item.Failures != 4 {
		t.Errorf("4 attempts failed, %d are counted", item.Failures)
	}
}

func TestRefund_LaterFailure_KeepsItsWait(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 4, ada)
	unchecked := w.reserve(c, ada)
	w.advance(30 * time.Second)
	w.fail(c, 1, ada)
	c.Refund(t.Context(), unchecked)
	w.locked(c, ada, 30*time.Second)
}

func TestRefund_FirstAttempt_KeepsLaterOnes(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	unchecked := w.reserve(c, ada)
	w.fail(c, 1, ada)
	c.Refund(t.Context(), unchecked)
	if item := w.stored("sign-in#ada"); item.Failures != 1 {
		t.Errorf("1 attempt failed, %d are counted", item.Failures)
	}
}

func TestCheck_Unspent_IsRefunded(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	w.advance(30 * time.Second)
	for range 3 {
		c.Refund(t.Context(), w.reserve(c, ada))
	}
	w.fail(c, 1, ada)
	w.locked(c, ada, time.Minute)
}

func TestResetGuesses_LockedOwner_IsUnlocked(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	w.fail(c, 5, attempts.PIN.Of("phone"))
	if err := c.ResetFailures(t.Context(), ada, attempts.PIN.Of("phone"), attempts.PIN.Of("never tried")); err != nil {
		t.Fatal(err)
	}
	w.fail(c, 5, ada)
	w.fail(c, 5, attempts.PIN.Of("phone"))
}
