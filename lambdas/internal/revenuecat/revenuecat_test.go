package revenuecat_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/revenuecat"
	"github.com/expenzez/infrastructure/test/fakes"
	fake "github.com/expenzez/infrastructure/test/fakes/revenuecat"
)

// start returns RevenueCat's fake and a client of it whose key is key1, and
// after every fetch the next one.
func start(t *testing.T) (*fake.Fake, *revenuecat.Client) {
	t.Helper()
	service := fake.New("key1")
	return service, newClient(t, fakes.Serve(t, service.Handler())+"/v2")
}

func newClient(t *testing.T, address string) *revenuecat.Client {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	fetched := 0
	client, err := revenuecat.New(revenuecat.Config{
		ProjectID: fake.Project,
		BaseURL:   address,
		Key: func(context.Context) (string, error) {
			fetched++
			return fmt.Sprintf("key%d", fetched), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestActiveEntitlements_SeveralPages_AreAllReturned(t *testing.T) {
	service, client := start(t)
	end := time.UnixMilli(1893456000000)
	millis := end.UnixMilli()
	service.Put(fake.Customer{ID: "user 1/ü", Entitlements: []fake.Entitlement{{ID: "entl1", ExpiresAt: &millis}, {ID: "entl2"}, {ID: "entl3", ExpiresAt: &millis}}})
	got, err := client.ActiveEntitlements(t.Context(), "user 1/ü")
	want := []revenuecat.Entitlement{{ID: "entl1", ExpiresAt: end}, {ID: "entl2"}, {ID: "entl3", ExpiresAt: end}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if service.Requests() != 2 {
		t.Errorf("%d requests for two pages", service.Requests())
	}
}

func TestActiveEntitlements_NoSubscription_IsEmpty(t *testing.T) {
	service, client := start(t)
	service.Put(fake.Customer{ID: "user1"})
	if got, err := client.ActiveEntitlements(t.Context(), "user1"); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

// What is no list or no customer must not pass for an empty one: a subscriber would
// lose what was paid for.
func TestActiveEntitlements_OtherShape_IsError(t *testing.T) {
	for _, answer := range []any{map[string]any{}, map[string]any{"object": "error"}, nil} {
		client := newClient(t, fakes.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fakes.WriteJSON(w, http.StatusOK, answer)
		})))
		if got, err := client.ActiveEntitlements(t.Context(), "user1"); !errors.Is(err, external.ErrInvalidResponse) {
			t.Errorf("%v: entitlements %v, %v", answer, got, err)
		}
		if got, err := client.Customer(t.Context(), "user1"); !errors.Is(err, external.ErrInvalidResponse) {
			t.Errorf("%v: customer %v, %v", answer, got, err)
		}
	}
}

func TestAliases_ReturnsAllIDs(t *testing.T) {
	service, client := start(t)
	service.Put(fake.Customer{ID: "user1", Aliases: []string{"$RCAnonymousID:1", "user1@old"}})
	for _, id := range []string{"user1", "$RCAnonymousID:1"} {
		got, err := client.Customer(t.Context(), id)
		if err != nil || got.ID != "user1" || got.FirstSeenAt.UnixMilli() != 1658399423658 || got.LastSeenAt.UnixMilli() != 1762448650639 {
			t.Errorf("%s: got %+v, %v", id, got, err)
		}
		aliases, err := client.Aliases(t.Context(), id)
		if want := []string{"user1", "$RCAnonymousID:1", "user1@old"}; err != nil || !slices.Equal(aliases, want) {
			t.Errorf("%s: aliases %v, %v", id, aliases, err)
		}
	}
}

func TestCustomer_Unknown_ReturnsErrNoCustomer(t *testing.T) {
	_, client := start(t)
	_, err1 := client.ActiveEntitlements(t.Context(), "nobody")
	_, err2 := client.Aliases(t.Context(), "nobody")
	_, err3 := client.Customer(t.Context(), "nobody")
	for _, err := range []error{err1, err2, err3} {
		if !errors.Is(err, revenuecat.ErrNoCustomer) || strings.Contains(err.Error(), "nobody") {
			t.Errorf("got %v", err)
		}
	}
}

func TestCustomer_IDWithPathCharacters_IsEscaped(t *testing.T) {
	service, client := start(t)
	for _, id := range []string{"", ".", ".."} {
		if _, err := client.ActiveEntitlements(t.Context(), id); err == nil {
			t.Errorf("%q was accepted", id)
		}
	}
	service.Put(fake.Customer{ID: "user1"})
	if _, err := client.Customer(t.Context(), "x/../user1"); !errors.Is(err, revenuecat.ErrNoCustomer) {
		t.Errorf("got %v", err)
	}
}

func TestCall_KeyRejected_FetchesItOnce(t *testing.T) {
	service, client := start(t)
	service.Put(fake.Customer{ID: "user1"})
	for _, key := range []string{"key1", "key2"} {
		service.RotateKey(key)
		if _, err := client.Customer(t.Context(), "user1"); err != nil {
			t.Errorf("with %s: %v", key, err)
		}
	}
	service.RotateKey("another")
	before := service.Requests()
	if _, err := client.Customer(t.Context(), "user1"); !external.IsStatus(err, http.StatusUnauthorized) || service.Requests()-before != 2 {
		t.Errorf("got %v after %d requests", err, service.Requests()-before)
	}
}

// 50 is a moment as RevenueCat means it, and far beyond the deadline if it were
// read as seconds.
func TestCall_RetryAfter_IsInMilliseconds(t *testing.T) {
	service, client := start(t)
	service.Put(fake.Customer{ID: "user1"})
	service.RetryAfter = "50"
	service.SetFor(1, fakes.Throttled)
	if _, err := client.Customer(t.Context(), "user1"); err != nil || service.Requests() != 2 {
		t.Errorf("got %v after %d requests", err, service.Requests())
	}
}

func TestCall_Faults_AreExternalErrors(t *testing.T) {
	for fault, want := range map[fakes.Fault]error{
		fakes.ServerError: external.ErrUnavailable,
		fakes.Garbage:     external.ErrInvalidResponse,
		fakes.Huge:        external.ErrTooLarge,
		fakes.Redirect:    external.ErrInvalidResponse,
	} {
		service, client := start(t)
		service.Set(fault)
		if _, err := client.ActiveEntitlements(t.Context(), "user1"); !errors.Is(err, want) {
			t.Errorf("%s: got %v", fault, err)
		}
	}
}

func TestActiveEntitlements_EndlessPages_AreInvalidResponse(t *testing.T) {
	for name, next := range map[string]string{
		"for ever":         "/v2/x?starting_after=1",
		"to another place": "https://elsewhere.example/v2",
		"not a link":       "%zz",
	} {
		elsewhere := fakes.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fakes.WriteJSON(w, http.StatusOK, map[string]any{"object": "list", "items": []any{}, "next_page": next})
		}))
		if _, err := newClient(t, elsewhere).Aliases(t.Context(), "user1"); !errors.Is(err, external.ErrInvalidResponse) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
