package entitlement

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
	fake "github.com/expenzez/infrastructure/test/fakes/revenuecat"
)

func TestUpdate_Events_AreFollowedAtOnce(t *testing.T) {
	w := newWorld(t)
	r := w.reader()
	w.of(r)
	for i, step := range []struct {
		name   string
		happen func()
		want   tables.Plan
	}{
		{"a purchase", func() { w.subscribe(ada.UserID, month) }, tables.Premium},
		{"a billing issue, within the store's grace", func() { w.subscribe(ada.UserID, 16*24*time.Hour) }, tables.Premium},
		{"a refund", func() { w.cancel(ada.UserID) }, tables.Free},
		{"a purchase under the username", func() { w.subscribe(ada.Username, month) }, tables.Premium},
		{"the end", func() { w.cancel(ada.Username) }, tables.Free},
	} {
		step.happen()
		w.advance(time.Second)
		if got, err := r.Update(t.Context(), ada, fmt.Sprint("event-", i)); err != nil || got.Plan != step.want || got.Stale {
			t.Errorf("%s: got %+v, %v", step.name, got, err)
		}
		if got := w.of(w.reader()); got.Plan != step.want {
			t.Errorf("after %s the gates see %+v", step.name, got)
		}
	}
}

func TestUpdate_EventThatComesAgain_AsksOnce(t *testing.T) {
	w := newWorld(t)
	w.subscribe(ada.UserID, month)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got, err := w.reader().Update(t.Context(), ada, "event-1"); err != nil || got.Plan != tables.Premium {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	all.Wait()
	if count := w.requests(func() {
		if got, err := w.reader().Update(t.Context(), ada, "event-1"); err != nil || got.Plan != tables.Premium {
			t.Errorf("got %+v, %v", got, err)
		}
	}); count != 0 {
		t.Errorf("an event that is known cost %d requests", count)
	}
	w.advance(maxAge)
	w.of(w.reader()) // another check keeps the events
	if count := w.requests(func() { _, _ = w.reader().Update(t.Context(), ada, "event-1") }); count != 0 {
		t.Errorf("after another check the event cost %d requests", count)
	}
}

func TestUpdate_ManyEvents_KeepsTheLast(t *testing.T) {
	w := newWorld(t)
	for i := range maxEvents + 5 {
		w.advance(time.Second)
		if _, err := w.reader().Update(t.Context(), ada, fmt.Sprint("event-", i)); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := w.reader().known.Get(t.Context(), store.Key{ada.UserID}, store.Consistent)
	if err != nil || len(stored.Events) != maxEvents || stored.Events[0] != "event-5" || !slices.Contains(stored.Events, "event-24") {
		t.Errorf("stored %+v, %v", stored, err)
	}
}

// RevenueCat repeats an event that was not answered with a success.
func TestUpdate_RevenueCatFails_EventStaysUnknown(t *testing.T) {
	w := newWorld(t)
	w.subscribe(ada.UserID, month)
	w.revenueCat.Set(fakes.ServerError)
	if _, err := w.reader().Update(t.Context(), ada, "event-1"); !errors.Is(err, external.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	w.revenueCat.Set("")
	external.ResetBreakers()
	if got, err := w.reader().Update(t.Context(), ada, "event-1"); err != nil || got.Plan != tables.Premium {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestIsOwn_IDsFromAClient_OnlyTheCallersCount(t *testing.T) {
	w := newWorld(t)
	w.subscribe(ada.UserID, month, "$RCAnonymousID:own")
	w.revenueCat.Put(fake.Customer{ID: "$RCAnonymousID:stranger"})
	w.revenueCat.Put(fake.Customer{ID: grace, Aliases: []string{"$RCAnonymousID:grace"}})
	w.revenueCat.Put(fake.Customer{ID: "$RCAnonymousID:mixed", Aliases: []string{ada.Username, grace}})
	for id, want := range map[string]bool{
		ada.UserID: true, ada.Username: true, "$RCAnonymousID:own": true,
		grace: false, "grace.hopper": false, "": false, "$RCAnonymousID:unknown": false, "$RCAnonymousID:stranger": false,
		"$RCAnonymousID:grace": false, "$RCAnonymousID:mixed": false,
	} {
		if own, err := w.reader().IsOwn(t.Context(), ada, id); err != nil || own != want {
			t.Errorf("%q: got %v, %v", id, own, err)
		}
	}
	if own, _ := w.reader().IsOwn(t.Context(), function.Caller{UserID: ada.UserID, Username: grace}, grace); own {
		t.Error("a username in the form of another user's id counts")
	}
}
