package e2e_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/test/fakes/revenuecat"
)

// subscriptions buys, refunds and transfers subscriptions. RevenueCat's events come twice,
// with a wrong header, and while RevenueCat's API is down.
func subscriptions(t *testing.T) {
	hook := webhook(t)
	wang, eve := newSignedInUser(t, "wang.zhenyi"), newSignedInUser(t, "eve.subscriptions")
	wang.syncs(t, wang.id, false)
	wang.syncs(t, "wang.zhenyi", false)
	call(t, "POST", "/subscription/sync", wang.token, map[string]any{}).is(t, http.StatusUnprocessableEntity, "", "")

	subscribe(t, wang.id)
	purchase := revenuecat.Event{ID: "purchase-1", Type: "INITIAL_PURCHASE", AppUserID: wang.id}
	delivers(t, hook, purchase, http.StatusOK)
	delivers(t, hook, purchase, http.StatusOK)
	showsImports(t, wang.token, "PREMIUM", 0, 15)
	wang.showsTier(t, "premium")
	wang.syncs(t, wang.id, true)
	call(t, "POST", "/subscription/sync", eve.token, map[string]any{"userId": wang.id}).isNested(t, http.StatusNotFound, "SUBSCRIBER_NOT_FOUND")

	callFakes(t, "PUT", "/-/revenuecat/customers", []byte(`{"id":"`+wang.id+`"}`), nil) // refunded
	refund := revenuecat.Event{Type: "CANCELLATION", AppUserID: wang.id}
	wrong := hook
	wrong.Authorization, wrong.Attempts = "Bearer guessed", 1
	delivers(t, wrong, refund, http.StatusUnauthorized)
	call(t, "POST", "/webhooks/revenuecat", "guessed", string(refund.Body())).is(t, http.StatusUnauthorized, "", "")
	call(t, "POST", "/webhooks/revenuecat", "guessed", map[string]any{}).is(t, http.StatusUnprocessableEntity, "", "")
	showsImports(t, wang.token, "PREMIUM", 0, 15)
	callFakes(t, "PUT", "/-/faults/revenuecat?fault=500", nil, nil)
	down := hook
	down.Attempts = 1
	delivers(t, down, refund, http.StatusServiceUnavailable)
	callFakes(t, "PUT", "/-/faults/revenuecat?fault=", nil, nil)
	eventually(t, "the refund is taken after the outage", func() bool { // the breaker may be open for a minute
		statuses, err := down.Deliver(t.Context(), httpClient, refund)
		return err == nil && statuses[0] == http.StatusOK
	})
	showsImports(t, wang.token, "FREE", 0, 4)
	wang.showsTier(t, "free")
	token := strings.TrimPrefix(hook.Authorization, "Bearer ")
	call(t, "POST", "/webhooks/revenuecat", token, string(revenuecat.Event{Type: "TEST", AppUserID: "$RCAnonymousID:1"}.Body())).isDone(t)

	subscribe(t, "eve.subscriptions") // the app was signed in at RevenueCat with the username
	delivers(t, hook, revenuecat.Event{Type: "INITIAL_PURCHASE", AppUserID: "$RCAnonymousID:2", Aliases: []string{"$RCAnonymousID:2", "eve.subscriptions"}}, http.StatusOK)
	eve.showsTier(t, "premium")
	callFakes(t, "PUT", "/-/revenuecat/customers", []byte(`{"id":"eve.subscriptions"}`), nil)
	subscribe(t, wang.id)
	delivers(t, hook, revenuecat.Event{Type: "TRANSFER", TransferredFrom: []string{"eve.subscriptions"}, TransferredTo: []string{wang.id}}, http.StatusOK)
	eve.showsTier(t, "free")
	wang.showsTier(t, "premium")
	delivers(t, hook, revenuecat.Event{Type: "RENEWAL", AppUserID: "a.stranger"}, http.StatusOK)

	limited := false
	for range 15 { // the app's own limit
		got := call(t, "POST", "/subscription/sync", eve.token, map[string]any{"userId": eve.id})
		limited = limited || got.status == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("the sync has no limit")
	}
}

func (s signedIn) syncs(t *testing.T, id string, premium bool) {
	t.Helper()
	got := call(t, "POST", "/subscription/sync", s.token, map[string]any{"userId": id})
	got.isDone(t)
	if got.body["isPremium"] != premium || (got.body["expiresAt"] != nil) != premium {
		t.Errorf("answered %s", got.text)
	}
}

func (s signedIn) showsTier(t *testing.T, tier string) {
	t.Helper()
	got := call(t, "GET", "/profile", s.token, nil)
	if profile, _ := got.body["profile"].(map[string]any); profile["subscriptionTier"] != tier {
		t.Errorf("the profile is %s", got.text)
	}
}

// webhook returns the stage's webhook with the header that the secret holds.
func webhook(t *testing.T) revenuecat.Webhook {
	t.Helper()
	got, err := secretsmanager.NewFromConfig(stage.AWSConfig(local.Region)).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{
		SecretId: aws.String("expenzez/local/" + secrets.RevenueCat.Name),
	})
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(aws.ToString(got.SecretString)), &values); err != nil {
		t.Fatal(err)
	}
	return revenuecat.Webhook{URL: stage.URL() + "/webhooks/revenuecat", Authorization: values[secrets.RevenueCatWebhookAuthorization.Name()]}
}

// delivers fails the test unless the last delivery of the event has the status.
func delivers(t *testing.T, hook revenuecat.Webhook, event revenuecat.Event, status int) {
	t.Helper()
	time.Sleep(2 * time.Millisecond) // a check at a later millisecond replaces the one before
	statuses, err := hook.Deliver(t.Context(), httpClient, event)
	if err != nil {
		t.Fatal(err)
	}
	if statuses[len(statuses)-1] != status {
		t.Errorf("%s was answered %v", event.Type, statuses)
	}
}
