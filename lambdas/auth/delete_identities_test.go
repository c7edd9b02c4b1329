package auth

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// bothWays is ada, who also signs in with Apple and with Google.
func bothWays() *closing {
	account := ada()
	account.Identities = []string{"i1", "i2"}
	account.AppleRefreshToken, account.AppleClientID = "r1", "app"
	return &closing{account: account}
}

var everyStepOfBothWays = []string{
	"revoke user-1", "delete user-1", "revoke user-1", "erase data of user-1", "forget erasure of user-1", "free hash of user-1",
	"forget i1 of user-1", "forget i2 of user-1", "take r1 of app back", "erase account user-1", "erased",
}

func TestDelete_RemovesIdentitiesAndRevokesApple(t *testing.T) {
	c := bothWays()
	if _, err := closeWith(c, time.Now).Delete(t.Context(), function.Caller{UserID: "user-1"}, function.NoInput{}); err != nil {
		t.Fatal(err)
	}
	if want := append([]string{"enter"}, everyStepOfBothWays...); !slices.Equal(c.steps, want) {
		t.Errorf("the steps were %q", c.steps)
	}
}

func TestDelete_InterruptedAtIdentities_IsResumed(t *testing.T) {
	for _, step := range everyStepOfBothWays[5:9] {
		c := bothWays()
		c.fails = step
		d := closeWith(c, time.Now)
		if _, err := d.Delete(t.Context(), function.Caller{UserID: "user-1"}, function.NoInput{}); err != nil {
			t.Errorf("%s: the user is told %v", step, err)
		}
		if c.account == nil && step != "erase account user-1" {
			t.Errorf("%s: the account is erased before its identities are", step)
		}
		c.fails, c.steps = "", nil
		if err := d.Resume(t.Context()); err != nil || c.account != nil || !slices.Contains(c.steps, step) {
			t.Errorf("%s: taken up again, the steps were %q, %v", step, c.steps, err)
		}
	}
}

func TestDelete_AppleUnavailable_WaitsOneDay(t *testing.T) {
	c := bothWays()
	c.fails = "take r1 of app back"
	now := time.Now().Truncate(time.Millisecond) // as the start is stored
	d := closeWith(c, func() time.Time { return now })
	if _, err := d.Delete(t.Context(), function.Caller{UserID: "user-1"}, function.NoInput{}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(maxAppleOutage)
	if err := d.Resume(t.Context()); !errors.Is(err, errBroken) || c.account == nil {
		t.Errorf("after a day: %v", err)
	}
	now = now.Add(time.Second)
	if err := d.Resume(t.Context()); err != nil || c.account != nil {
		t.Errorf("after more than a day: %v", err)
	}
}

func TestRemoveIdentities_AccountWithoutIdentities_MakesNoCalls(t *testing.T) {
	c := &closing{account: ada(), fails: "take  of  back"}
	if err := closeWith(c, time.Now).removeIdentities(t.Context(), tables.AccountDeletion{UserID: "user-1"}); err != nil || c.steps != nil {
		t.Errorf("did %q, %v", c.steps, err)
	}
}
