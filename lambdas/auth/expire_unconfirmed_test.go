package auth

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// expiring is an unconfirmed account whose deletion the clean-up has recorded.
func expiring() *closing {
	return &closing{
		account: ada(), user: &userpool.User{ID: "user-1", Unconfirmed: true},
		queue: []tables.AccountDeletion{{UserID: "user-1", StartedAt: 1, IfUnconfirmed: true}},
	}
}

// everyExpiryStep is everyStep after a look at the user.
var everyExpiryStep = append([]string{"look at user-1"}, everyStep...)

func (c *closing) expired(t *testing.T, name string) {
	t.Helper()
	if c.account != nil || c.user != nil || c.queue[0].ErasedAt == 0 {
		t.Errorf("%s: the account is still there", name)
	}
	event := securityevents.Event{Kind: securityevents.AccountExpired, UserID: "user-1", Account: "ada"}
	if len(c.events.recorded) == 0 || c.events.recorded[0] != event {
		t.Errorf("%s: recorded is %+v", name, c.events.recorded)
	}
	if sent := c.outbox.Sent(); len(sent) != 0 {
		t.Errorf("%s: an unconfirmed address was sent %v", name, sent)
	}
}

func TestExpire_UnconfirmedAccount_IsDeletedWithoutEmail(t *testing.T) {
	c := expiring()
	now := time.Now()
	d := closeWith(c, func() time.Time { return now })
	if err := d.Resume(t.Context()); err != nil || !slices.Equal(c.steps, everyExpiryStep) {
		t.Errorf("the steps were %q, %v", c.steps, err)
	}
	c.expired(t, "at once")
	if len(c.events.recorded) != 1 {
		t.Errorf("recorded are %+v", c.events.recorded)
	}
	c.steps, now = nil, now.Add(inFlightGracePeriod)
	if err := d.Resume(t.Context()); err != nil || !slices.Equal(c.steps, []string{"erase data of user-1", "forget erasure of user-1", "finish"}) {
		t.Errorf("the last run did %q, %v", c.steps, err)
	}
}

func TestExpire_ConfirmedAccount_Stays(t *testing.T) {
	c := expiring()
	c.user = &userpool.User{ID: "user-1"}
	if err := closeWith(c, time.Now).Resume(t.Context()); err != nil || !slices.Equal(c.steps, []string{"look at user-1", "withdraw user-1"}) {
		t.Errorf("the steps were %q, %v", c.steps, err)
	}
	if c.account == nil || c.events.recorded != nil {
		t.Errorf("recorded are %+v", c.events.recorded)
	}
}

func TestExpire_InterruptedAtAnyStep_IsResumed(t *testing.T) {
	for _, step := range everyExpiryStep {
		c := expiring()
		c.fails = step
		d := closeWith(c, time.Now)
		if err := d.Resume(t.Context()); !errors.Is(err, errBroken) {
			t.Errorf("%s: a run that fails says %v", step, err)
		}
		c.fails, c.queue[0].ErasedAt = "", 0
		if err := d.Resume(t.Context()); err != nil {
			t.Errorf("%s: taken up again: %v", step, err)
		}
		c.expired(t, step)
		if late := slices.Index(everyExpiryStep, step) > slices.Index(everyExpiryStep, "delete user-1"); late && len(c.events.recorded) != 1 {
			t.Errorf("%s: recorded are %+v", step, c.events.recorded)
		}
	}
}

// The user confirms at the last possible moment: after a run that died before it
// deleted the user.
func TestExpire_ConfirmedBeforeResume_Stays(t *testing.T) {
	c := expiring()
	c.fails = "delete user-1"
	d := closeWith(c, time.Now)
	if err := d.Resume(t.Context()); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	c.fails, c.user = "", &userpool.User{ID: "user-1"}
	if err := d.Resume(t.Context()); err != nil || c.account == nil || c.queue != nil {
		t.Errorf("the account is gone, or entered still: %+v, %v", c.queue, err)
	}
}

func TestResume_DeadlineIsNear_StartsNoDeletion(t *testing.T) {
	c := expiring()
	now := time.Now()
	ctx, cancel := context.WithDeadline(t.Context(), now.Add(deletionDeadlineMargin-time.Millisecond))
	defer cancel()
	if err := closeWith(c, func() time.Time { return now }).Resume(ctx); err != nil || c.steps != nil {
		t.Errorf("with no time left, a run did %q, %v", c.steps, err)
	}
}

// racing is a pool in which other requests run between a code and the look-up of its
// user.
type racing struct {
	fakePool
	find func() (userpool.User, bool, error)
}

func (r *racing) Find(context.Context, string) (userpool.User, bool, error) { return r.find() }

func TestConfirm_ExpiringAccount_ReturnsExpiredCode(t *testing.T) {
	found := func() (userpool.User, bool, error) { return userpool.User{ID: "id of ada"}, true, nil }
	gone := func() (userpool.User, bool, error) { return userpool.User{}, false, nil }
	broken := func() (userpool.User, bool, error) { return userpool.User{}, false, errBroken }
	for name, tc := range map[string]struct {
		confirm   error
		find      func() (userpool.User, bool, error)
		deletions fakeDeletions
		want      error
	}{
		"no deletion is entered":              {nil, found, fakeDeletions{"id of eve": true}, nil},
		"a deletion is entered":               {nil, found, fakeDeletions{"id of ada": true}, userpool.ErrExpiredSignUpCode},
		"the user is gone":                    {nil, gone, fakeDeletions{}, userpool.ErrExpiredSignUpCode},
		"nobody knows":                        {nil, broken, fakeDeletions{}, errBroken},
		"again, and none is entered":          {userpool.ErrAlreadyConfirmed, found, fakeDeletions{}, userpool.ErrAlreadyConfirmed},
		"again, and one is entered":           {userpool.ErrAlreadyConfirmed, found, fakeDeletions{"id of ada": true}, userpool.ErrExpiredSignUpCode},
		"again, and nobody knows":             {userpool.ErrAlreadyConfirmed, broken, fakeDeletions{}, errBroken},
		"a wrong code, whatever is entered":   {userpool.ErrWrongSignUpCode, broken, fakeDeletions{"id of ada": true}, userpool.ErrWrongSignUpCode},
		"an old code, whatever becomes of it": {userpool.ErrExpiredSignUpCode, broken, fakeDeletions{}, userpool.ErrExpiredSignUpCode},
	} {
		v := &verification{
			pool:      &racing{fakePool{confirm: func(string, string) error { return tc.confirm }}, tc.find},
			deletions: tc.deletions, guesses: anyGuess(nil), events: &fakeEvents{},
		}
		_, err := v.Confirm(t.Context(), confirmSignUpRequest{Username: "ada", Code: "123456"})
		if apierror.From(err) != apierror.From(tc.want) && !errors.Is(err, tc.want) || (err == nil) != (tc.want == nil) {
			t.Errorf("%s: answered %v", name, err)
		}
		if tc.want == errBroken && errors.Is(err, userpool.ErrAlreadyConfirmed) {
			t.Errorf("%s: told that it is confirmed: %v", name, err)
		}
	}
}

// In every order of the steps of a confirmation and of an expiry, a user who is told
// that the account is confirmed keeps it.
func TestConfirm_DuringExpiry_KeepsConfirmedAccount(t *testing.T) {
	for before := range everyExpiryStep {
		c := expiring()
		v := &verification{
			deletions: c, guesses: anyGuess(nil), events: &fakeEvents{},
			pool: &racing{
				fakePool{confirm: func(string, string) error {
					if c.user == nil {
						return userpool.ErrWrongSignUpCode
					}
					c.user = &userpool.User{ID: "user-1"}
					return nil
				}},
				func() (userpool.User, bool, error) {
					if c.user == nil {
						return userpool.User{}, false, nil
					}
					return *c.user, true, nil
				},
			},
		}
		var told error
		c.before = func(step int) {
			if step == before {
				_, told = v.Confirm(t.Context(), confirmSignUpRequest{Username: "ada", Code: "123456"})
			}
		}
		if err := closeWith(c, time.Now).Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		if told == nil && c.account == nil {
			t.Errorf("before %q: told that the account is confirmed, which is gone", everyExpiryStep[before])
		}
		if before == 0 && c.account == nil {
			t.Error("an account that was confirmed before the clean-up is gone")
		}
	}
}

func TestSocialSignIn_ExpiringAccount_IsNotAdopted(t *testing.T) {
	w := newWorld()
	w.register("trap", "ada@example.com", false)
	w.deletions["id of trap"] = true
	if _, err := w.social().signIn(t.Context(), byApple("ada@example.com")); !errors.Is(err, apierror.Unavailable) || len(w.identities) != 0 {
		t.Errorf("identities are %+v, %v", w.identities, err)
	}
	delete(w.deletions, "id of trap") // it came too late, and is withdrawn
	if _, err := w.social().signIn(t.Context(), byApple("ada@example.com")); err != nil {
		t.Fatal(err)
	}
	expectAdopted(t, w)
}
