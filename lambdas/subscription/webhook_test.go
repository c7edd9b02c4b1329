package subscription

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
	fake "github.com/expenzez/infrastructure/test/fakes/revenuecat"
)

// received returns the request of an event as the runtime reads it.
func received(t *testing.T, header string, event fake.Event) webhookRequest {
	t.Helper()
	in := webhookRequest{Authorization: header}
	if err := json.Unmarshal(event.Body(), &in); err != nil {
		t.Fatal(err)
	}
	if err := validation.New().Check(&in); err != nil {
		t.Fatal(err)
	}
	return in
}

const agreed = "Bearer agreed"

func TestWebhook_EventTypes_RenewThePlanOfEachUserNamed(t *testing.T) {
	for name, tc := range map[string]struct {
		event fake.Event
		want  []string
	}{
		"a purchase":              {fake.Event{Type: "INITIAL_PURCHASE", AppUserID: adaID}, []string{adaID + " ada.lovelace e"}},
		"an anonymous purchase":   {fake.Event{Type: "INITIAL_PURCHASE", AppUserID: "$RCAnonymousID:1", Aliases: []string{"$RCAnonymousID:1", adaID}}, []string{adaID + " ada.lovelace e"}},
		"a refund":                {fake.Event{Type: "CANCELLATION", AppUserID: adaID}, []string{adaID + " ada.lovelace e"}},
		"the first id":            {fake.Event{Type: "EXPIRATION", AppUserID: "ada.lovelace", OriginalAppUserID: adaID}, []string{adaID + " ada.lovelace e"}},
		"a transfer":              {fake.Event{Type: "TRANSFER", TransferredFrom: []string{adaID}, TransferredTo: []string{graceID}}, []string{adaID + " ada.lovelace e", graceID + " grace.hopper e"}},
		"a user without account":  {fake.Event{Type: "RENEWAL", AppUserID: "5f1c2a9e-0000-4000-8000-00000000dead"}, nil},
		"a test of the dashboard": {fake.Event{Type: "TEST", AppUserID: "$RCAnonymousID:1"}, nil},
		"a type of the future":    {fake.Event{Type: "SOMETHING_NEW", AppUserID: adaID}, []string{adaID + " ada.lovelace e"}},
	} {
		w := newWorld(t)
		tc.event.ID = "e"
		got, err := w.Webhook(t.Context(), received(t, agreed, tc.event))
		if err != nil || !got.Success || !slices.Equal(w.plans.updated, tc.want) {
			t.Errorf("%s: got %+v, %v, renewed %v", name, got, err, w.plans.updated)
		}
	}
}

// The app is signed in at RevenueCat with the username, or was before it had the id.
func TestWebhook_UsernamesAndAliases_FindTheAccount(t *testing.T) {
	ofAda, ofGrace := adaID+" ada.lovelace e", graceID+" grace.hopper e"
	for name, tc := range map[string]struct {
		event     fake.Event
		want      []string
		asked     []string // of the user pool
		uncounted bool
	}{
		"the username":                   {fake.Event{AppUserID: "ada.lovelace"}, []string{ofAda}, []string{"ada.lovelace"}, true},
		"the username as the first id":   {fake.Event{AppUserID: "$RCAnonymousID:1", OriginalAppUserID: "ada.lovelace"}, []string{ofAda}, []string{"ada.lovelace"}, true},
		"the username as an alias":       {fake.Event{AppUserID: "$RCAnonymousID:1", Aliases: []string{"ada.lovelace"}}, []string{ofAda}, []string{"ada.lovelace"}, true},
		"the id and the username":        {fake.Event{AppUserID: adaID, Aliases: []string{adaID, "Ada.Lovelace", "ada.lovelace"}}, []string{ofAda}, nil, true},
		"two users":                      {fake.Event{AppUserID: adaID, Aliases: []string{"grace.hopper"}}, []string{ofAda, ofGrace}, []string{"grace.hopper"}, true},
		"a transfer of usernames":        {fake.Event{Type: "TRANSFER", TransferredFrom: []string{"grace.hopper"}, TransferredTo: []string{"$RCAnonymousID:1", "ada.lovelace"}}, []string{ofAda, ofGrace}, []string{"ada.lovelace", "grace.hopper"}, true},
		"a transfer to a stranger":       {fake.Event{Type: "TRANSFER", TransferredFrom: []string{adaID}, TransferredTo: []string{"stranger"}}, []string{ofAda}, []string{"stranger"}, true},
		"a stranger":                     {fake.Event{AppUserID: "stranger"}, nil, []string{"stranger"}, false},
		"a username without account":     {fake.Event{AppUserID: "erased"}, nil, []string{"erased"}, false},
		"a customer who never signed in": {fake.Event{AppUserID: "$RCAnonymousID:1"}, nil, nil, false},
		"an address":                     {fake.Event{AppUserID: "ada@example.com"}, nil, nil, false},
	} {
		w := newWorld(t)
		tc.event.ID, tc.event.Type = "e", cmp.Or(tc.event.Type, "RENEWAL")
		var counted strings.Builder
		metrics := telemetry.NewMetrics(&counted, "subscription", "INFO", time.Now)
		got, err := w.Webhook(telemetry.WithMetrics(t.Context(), metrics), received(t, agreed, tc.event))
		if err != nil || got != (function.SuccessResponse{Success: true}) || !slices.Equal(w.plans.updated, tc.want) || !slices.Equal(w.pool.asked, tc.asked) {
			t.Errorf("%s: got %+v, %v, renewed %v, looked up %v", name, got, err, w.plans.updated, w.pool.asked)
		}
		if err := metrics.Flush(telemetry.Request{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(counted.String(), "unknownSubscriber") == tc.uncounted {
			t.Errorf("%s: counted %q", name, counted.String())
		}
	}
}

func TestWebhook_UserPoolFails_AsksForARepetition(t *testing.T) {
	w := newWorld(t)
	w.pool.fails = errors.New("down")
	_, err := w.Webhook(t.Context(), received(t, agreed, fake.Event{Type: "RENEWAL", AppUserID: "ada.lovelace"}))
	var failure *apierror.Error
	if !errors.As(err, &failure) || failure.Status != http.StatusServiceUnavailable || len(w.plans.updated) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestWebhook_PlanChanges_IsShownInTheAccount(t *testing.T) {
	w := newWorld(t)
	w.plans.plan[adaID] = entitlement.Entitlement{Plan: tables.Premium}
	w.plans.plan[graceID] = entitlement.Entitlement{Plan: tables.Free}
	event := fake.Event{Type: "TRANSFER", TransferredFrom: []string{graceID}, TransferredTo: []string{adaID}}
	if _, err := w.Webhook(t.Context(), received(t, agreed, event)); err != nil {
		t.Fatal(err)
	}
	if w.users[adaID].SubscriptionTier != "premium" || w.users[graceID].SubscriptionTier != "free" {
		t.Errorf("the accounts have %s and %s", w.users[adaID].SubscriptionTier, w.users[graceID].SubscriptionTier)
	}
}

func TestWebhook_WrongAuthorization_IsRefused(t *testing.T) {
	for _, header := range []string{"", "Bearer", "Bearer agree", "Bearer agreed ", "bearer agreed", "Bearer agreedd"} {
		w := newWorld(t)
		_, err := w.Webhook(t.Context(), received(t, header, fake.Event{Type: "RENEWAL", AppUserID: adaID}))
		if !errors.Is(err, errNotRevenueCat) || len(w.plans.updated) > 0 {
			t.Errorf("%q: got %v, renewed %v", header, err, w.plans.updated)
		}
	}
}

func TestWebhook_SecretWithoutAValue_RefusesEveryHeader(t *testing.T) {
	w := newWorld(t)
	w.vault.value = secretOf("")
	if _, err := w.Webhook(t.Context(), received(t, "", fake.Event{Type: "RENEWAL", AppUserID: adaID})); err == nil || len(w.plans.updated) > 0 {
		t.Errorf("got %v, renewed %v", err, w.plans.updated)
	}
}

func TestWebhook_SecretWasChanged_NewValueCounts(t *testing.T) {
	w := newWorld(t)
	event := fake.Event{Type: "RENEWAL", AppUserID: adaID}
	if _, err := w.Webhook(t.Context(), received(t, agreed, event)); err != nil {
		t.Fatal(err)
	}
	w.vault.value = secretOf("Bearer another")
	w.at = w.at.Add(secretcache.RejectedEvery)
	if _, err := w.Webhook(t.Context(), received(t, "Bearer another", event)); err != nil {
		t.Errorf("got %v", err)
	}
	if _, err := w.Webhook(t.Context(), received(t, agreed, event)); !errors.Is(err, errNotRevenueCat) {
		t.Errorf("the old value: got %v", err)
	}
}

func TestWebhook_RevenueCatFails_AsksForARepetition(t *testing.T) {
	w := newWorld(t)
	w.plans.fails = errors.New("down")
	_, err := w.Webhook(t.Context(), received(t, agreed, fake.Event{Type: "RENEWAL", AppUserID: adaID}))
	var failure *apierror.Error
	if !errors.As(err, &failure) || failure.Status != http.StatusServiceUnavailable || failure.RetryAfter == 0 {
		t.Errorf("got %v", err)
	}
}
