package auth

import (
	"errors"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

func TestOnlyAWrongSecretStaysCounted(t *testing.T) {
	for name, tc := range map[string]struct {
		err                 error
		succeeded, refunded int
	}{
		"right":               {nil, 1, 0},
		"a wrong password":    {errBadPassword.Because(errors.New("Cognito")), 0, 0},
		"a wrong code":        {errWrongCode, 0, 0},
		"a wrong reset code":  {errWrongResetCode, 0, 0},
		"not confirmed":       {errNotConfirmed, 0, 1},
		"an expired code":     {errExpiredCode, 0, 1},
		"Cognito is down":     {errors.New("down"), 0, 1},
		"a weak new password": {errWeakReset, 0, 1},
	} {
		counter := &fakeCounter{}
		g := &guesses{counter: counter, names: fakeNames{}}
		if err := g.signIn(t.Context(), "ada", func() error { return tc.err }); !errors.Is(err, tc.err) {
			t.Errorf("%s: got %v", name, err)
		}
		if counter.reserved != 1 || counter.succeeded != tc.succeeded || counter.refunded != tc.refunded {
			t.Errorf("%s: %+v", name, counter)
		}
	}
}

func TestALockedSecretIsNotLookedAt(t *testing.T) {
	g := &guesses{counter: &fakeCounter{locked: apierror.TooMany}, names: fakeNames{}}
	looked := false
	for _, check := range []func() error{
		func() error { return g.signIn(t.Context(), "ada", func() error { looked = true; return nil }) },
		func() error { return g.code(t.Context(), "ada", func() error { looked = true; return nil }) },
		func() error { return g.once(t.Context(), "ada") },
	} {
		if err := check(); !errors.Is(err, apierror.TooMany) {
			t.Errorf("got %v", err)
		}
	}
	if looked {
		t.Error("the secret was looked at")
	}
}
