package subscription

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestSync_Plans_AreShownAsTheAppReadsThem(t *testing.T) {
	end := time.UnixMilli(1_800_000_000_250)
	for name, tc := range map[string]struct {
		plan entitlement.Entitlement
		want string
		tier string // in the account afterwards
	}{
		"premium":            {entitlement.Entitlement{Plan: tables.Premium, ExpiresAt: end}, `{"success":true,"isPremium":true,"tier":"premium","expiresAt":"2027-01-15T08:00:00.250Z"}`, "premium"},
		"premium for ever":   {entitlement.Entitlement{Plan: tables.Premium}, `{"success":true,"isPremium":true,"tier":"premium","expiresAt":null}`, "premium"},
		"free":               {entitlement.Entitlement{Plan: tables.Free}, `{"success":true,"isPremium":false,"tier":"free","expiresAt":null}`, "free"},
		"RevenueCat is down": {entitlement.Entitlement{Plan: tables.Free, Stale: true}, `{"success":true,"isPremium":false,"tier":"free","expiresAt":null}`, "free"},
		"the last that we know": {entitlement.Entitlement{Plan: tables.Premium, ExpiresAt: end, Stale: true},
			`{"success":true,"isPremium":true,"tier":"premium","expiresAt":"2027-01-15T08:00:00.250Z"}`, "free"},
	} {
		w := newWorld(t)
		w.plans.plan[adaID] = tc.plan
		got, err := w.Sync(t.Context(), ada, syncRequest{adaID})
		text, _ := json.Marshal(got)
		if err != nil || string(text) != tc.want || w.users[adaID].SubscriptionTier != tc.tier {
			t.Errorf("%s: got %s, %v, and the account has %s", name, text, err, w.users[adaID].SubscriptionTier)
		}
	}
}

func TestSync_IDOfAnotherCustomer_TellsNothing(t *testing.T) {
	w := newWorld(t)
	w.plans.own = false
	w.plans.plan[adaID] = entitlement.Entitlement{Plan: tables.Premium}
	if got, err := w.Sync(t.Context(), ada, syncRequest{graceID}); !errors.Is(err, errOtherSubscriber) || got.IsPremium {
		t.Errorf("got %+v, %v", got, err)
	}
}

// An anonymous id cannot be checked while RevenueCat is down. The response is the caller's
// own plan all the same.
func TestSync_IDCannotBeChecked_AnswersForTheCaller(t *testing.T) {
	w := newWorld(t)
	w.plans.own, w.plans.ownErr = false, errors.New("down")
	w.plans.plan[adaID] = entitlement.Entitlement{Plan: tables.Premium, Stale: true}
	if got, err := w.Sync(t.Context(), ada, syncRequest{"$RCAnonymousID:1"}); err != nil || !got.IsPremium {
		t.Errorf("got %+v, %v", got, err)
	}
}
