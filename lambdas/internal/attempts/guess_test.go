package attempts_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
)

var errWrong = errors.New("wrong")

// guess makes a guess that is looked at, or reports that it is locked.
func (w *world) guess(c *attempts.Counter, guess attempts.Guess, verdict attempts.Verdict) (looked bool) {
	w.t.Helper()
	err := c.Check(context.Background(), guess, func() (attempts.Verdict, error) {
		looked = true
		if verdict == attempts.Right {
			return verdict, nil
		}
		return verdict, errWrong
	})
	var locked *attempts.LockedError
	if looked == errors.As(err, &locked) || looked && (verdict == attempts.Right) != (err == nil) {
		w.t.Errorf("looked at: %v, got %v", looked, err)
	}
	return looked
}

func at(account, origin pseudonym.Pseudonym) attempts.Guess {
	return attempts.Guess{Secret: attempts.SignUpCodes, Account: account, Origin: origin}
}

func TestCheck_WrongGuess_CountsForAccountAndOrigin(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.guess(c, at("ada", "here"), attempts.Wrong)
	w.guess(c, at("ada", "there"), attempts.Right)
	w.guess(c, at("bob", "here"), attempts.Unspent)
	for id, want := range map[string]int{"code#ada": 0, "code#bob": 0, "code-address#here": 1, "code-address#there": 0} {
		if got := w.stored(id); got.Failures != want || got.DayFailures > want {
			t.Errorf("%s has %+v, not %d failures", id, got, want)
		}
	}
}

func TestCheck_Earlier_IsTheAccountsFailures(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	earlier := -1
	asked := func(account, origin pseudonym.Pseudonym) attempts.Guess {
		guess := at(account, origin)
		guess.Earlier = &earlier
		return guess
	}
	for i, step := range []struct {
		guess   attempts.Guess
		verdict attempts.Verdict
		want    int
	}{
		{asked("ada", "here"), attempts.Wrong, 0},
		{asked("ada", "there"), attempts.Wrong, 1},
		{asked("bob", "here"), attempts.Wrong, 0},
		{asked("ada", "there"), attempts.Right, 2},
		{asked("ada", "there"), attempts.Right, 0},
	} {
		w.guess(c, step.guess, step.verdict)
		if earlier != step.want {
			t.Errorf("guess %d: %d failed before, not %d", i, earlier, step.want)
		}
	}
}

func TestCheck_WithoutAccountOrOrigin_LooksAtNothing(t *testing.T) {
	w := newWorld(t)
	for _, guess := range []attempts.Guess{at("", "here"), at("ada", ""), {Account: "ada", Origin: "here"}} {
		err := w.environment().Check(t.Context(), guess, func() (attempts.Verdict, error) {
			t.Errorf("%+v is looked at", guess)
			return attempts.Right, nil
		})
		if err == nil {
			t.Errorf("%+v is accepted", guess)
		}
	}
}

func TestCheck_OriginSpendsItsDay_LocksEveryAccountFromThere(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	guess := at("ada", "here")
	guess.Secret.Origin.FreeFailures, guess.Secret.Origin.Daily = 2, 3
	for _, account := range []pseudonym.Pseudonym{"ada", "bob", "cyd"} {
		guess.Account = account
		if !w.guess(c, guess, attempts.Wrong) {
			t.Fatalf("the guess at %s is locked", account)
		}
		w.advance(2 * time.Hour) // the waits are forgotten
	}
	guess.Account = "dan"
	if w.guess(c, guess, attempts.Wrong) {
		t.Error("a fourth guess of the day is looked at")
	}
	guess.Origin = "there"
	if !w.guess(c, guess, attempts.Wrong) {
		t.Error("another origin is locked")
	}
	guess.Origin = "here"
	w.advance(18 * time.Hour)
	if !w.guess(c, guess, attempts.Wrong) {
		t.Error("the next day, the origin is still locked")
	}
}

func TestCheck_UnknownOriginsLockAccount_KnownOriginIsLookedAt(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	for range 5 {
		w.guess(c, at("ada", "there"), attempts.Wrong)
	}
	owner := at("ada", "home")
	if w.guess(c, owner, attempts.Right) {
		t.Error("an unknown origin is not locked")
	}
	owner.Known = true
	if !w.guess(c, owner, attempts.Right) {
		t.Error("strangers lock the owner out at home")
	}
	if w.guess(c, at("ada", "there"), attempts.Wrong) {
		t.Error("the owner's success at home gives strangers more guesses")
	}
	for range 5 {
		w.guess(c, owner, attempts.Wrong)
	}
	if w.guess(c, owner, attempts.Right) {
		t.Error("a known origin guesses without end")
	}
	neighbour := at("bob", "home")
	neighbour.Known = true
	if !w.guess(c, neighbour, attempts.Right) {
		t.Error("another owner at the same origin is locked out")
	}
}

func TestCheck_StrangersSpendOriginBudget_KnownOwnersThereAreLookedAt(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	guess := at("ada", "carrier")
	guess.Secret.Origin.FreeFailures = 1
	w.guess(c, guess, attempts.Wrong)
	guess.Account = "bob"
	if w.guess(c, guess, attempts.Right) {
		t.Error("the origin is not locked")
	}
	guess.Known = true
	if !w.guess(c, guess, attempts.Right) {
		t.Error("strangers behind one address lock the owner out")
	}
}

func TestCheck_ProofSinceFailures_ForgetsThem(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	guess := at("ada", "here")
	for range 5 {
		w.guess(c, guess, attempts.Wrong)
	}
	w.advance(time.Second)
	guess.Since = w.now()
	for range 5 {
		if !w.guess(c, guess, attempts.Wrong) {
			t.Fatal("failures of before the proof count")
		}
	}
	if w.guess(c, guess, attempts.Wrong) {
		t.Error("failures since the proof do not count")
	}
}

func TestResetGuesses_LockedAccount_IsLookedAtFromEverywhere(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	guess := at("ada", "here")
	for _, known := range []bool{false, true} {
		guess.Known = known
		for range 5 {
			w.guess(c, guess, attempts.Wrong)
		}
	}
	if err := c.ResetGuesses(t.Context(), guess); err != nil {
		t.Fatal(err)
	}
	for _, known := range []bool{false, true} {
		guess.Known = known
		if !w.guess(c, guess, attempts.Right) {
			t.Errorf("known: %v: locked", known)
		}
	}
}
