package entitlement

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/revenuecat"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
)

const month = 30 * 24 * time.Hour

func TestOf_Miss_AsksRevenueCatAndKeepsTheAnswer(t *testing.T) {
	w := newWorld(t)
	w.subscribe(ada.UserID, month)
	want := Entitlement{Plan: tables.Premium, ExpiresAt: w.now().Add(month), CheckedAt: w.now()}
	if got := w.of(w.reader()); got != want {
		t.Errorf("got %+v", got)
	}
	if count := w.requests(func() {
		if got := w.of(w.reader()); got != want { // in another environment
			t.Errorf("got %+v", got)
		}
	}); count != 0 {
		t.Errorf("the kept answer cost %d requests", count)
	}
	stored, err := w.reader().known.Get(t.Context(), store.Key{ada.UserID}, store.Consistent)
	if err != nil || !reflect.DeepEqual(*stored, tables.Entitlement{
		UserID: ada.UserID, Plan: tables.Premium, Source: "revenuecat", ExpiresAt: want.ExpiresAt.UnixMilli(), CheckedAt: want.CheckedAt.UnixMilli(),
	}) {
		t.Errorf("stored is %+v, %v", stored, err)
	}
}

func TestOf_UserWithoutTheEntitlement_IsFree(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"unknown to RevenueCat": func(*world) {},
		"never subscribed":      func(w *world) { w.cancel(ada.UserID) },
		"another entitlement":   func(w *world) { w.subscribeTo(ada.UserID, "entlsomethingelse") },
	} {
		w := newWorld(t)
		prepare(w)
		if got := w.of(w.reader()); got != (Entitlement{Plan: tables.Free, CheckedAt: w.now()}) {
			t.Errorf("%s: got %+v", name, got)
		}
		if count := w.requests(func() { w.of(w.reader()) }); count != 0 {
			t.Errorf("%s: the kept answer cost %d requests", name, count)
		}
	}
}

func TestOf_KeptAnswer_IsUsedForItsTime(t *testing.T) {
	for name, tc := range map[string]struct {
		length time.Duration // of the subscription: -1 for none, 0 for one without an end
		kept   time.Duration
	}{
		"free":                           {-1, 6 * time.Hour},
		"a year":                         {365 * 24 * time.Hour, 6 * time.Hour},
		"without an end":                 {0, 6 * time.Hour},
		"ends within six hours":          {time.Hour, time.Hour},
		"ends within five minutes":       {time.Minute, 5 * time.Minute},
		"ended, and RevenueCat waits on": {time.Millisecond, 5 * time.Minute},
	} {
		w := newWorld(t)
		if tc.length >= 0 {
			w.subscribe(ada.UserID, tc.length)
		}
		w.of(w.reader())
		w.advance(tc.kept - time.Millisecond)
		if count := w.requests(func() { w.of(w.reader()) }); count != 0 {
			t.Errorf("%s: asked again before %s", name, tc.kept)
		}
		w.advance(time.Millisecond)
		if count := w.requests(func() { w.of(w.reader()) }); count == 0 {
			t.Errorf("%s: not asked again after %s", name, tc.kept)
		}
	}
}

func TestOf_SubscriptionEnds_IsFreeAtTheNextCheck(t *testing.T) {
	w := newWorld(t)
	w.subscribe(ada.UserID, month)
	w.of(w.reader())
	w.cancel(ada.UserID) // a refund
	w.advance(6 * time.Hour)
	if got := w.of(w.reader()); got.Plan != tables.Free || got.Stale || !got.ExpiresAt.IsZero() {
		t.Errorf("got %+v", got)
	}
}

func TestOf_RevenueCatFails_TheLastAnswerHolds(t *testing.T) {
	for name, tc := range map[string]struct {
		length, later time.Duration
		want          tables.Plan
	}{
		"free":                             {-1, 100 * month, tables.Free},
		"premium":                          {month, month - time.Hour, tables.Premium},
		"premium, a day after its end":     {month, month + 24*time.Hour - time.Millisecond, tables.Premium},
		"premium, over a day after it":     {month, month + 24*time.Hour, tables.Free},
		"premium without an end":           {0, 100 * month, tables.Premium},
		"premium that lasted five minutes": {time.Minute, 24*time.Hour + time.Minute, tables.Free},
	} {
		w := newWorld(t)
		if tc.length >= 0 {
			w.subscribe(ada.UserID, tc.length)
		}
		known := w.of(w.reader())
		w.advance(tc.later)
		w.revenueCat.Set(fakes.ServerError)
		got := w.of(w.reader())
		if got.Plan != tc.want || !got.Stale || !got.CheckedAt.Equal(known.CheckedAt) {
			t.Errorf("%s: got %+v", name, got)
		}
		if got.Plan == tables.Free && !got.ExpiresAt.IsZero() {
			t.Errorf("%s: the free plan ends at %s", name, got.ExpiresAt)
		}
	}
}

func TestOf_RevenueCatFailsInAnyWay_UnknownUserIsFreeUntilTheNextRequest(t *testing.T) {
	for _, fault := range []fakes.Fault{fakes.ServerError, fakes.Throttled, fakes.Garbage, fakes.Huge, fakes.Redirect} {
		w := newWorld(t)
		w.subscribe(ada.UserID, month)
		w.revenueCat.RetryAfter = "60000" // beyond what a request waits for
		w.revenueCat.Set(fault)
		if got := w.of(w.reader()); got != (Entitlement{Plan: tables.Free, Stale: true}) {
			t.Errorf("%s: got %+v", fault, got)
		}
		w.revenueCat.Set("")
		external.ResetBreakers()
		if got := w.of(w.reader()); got.Plan != tables.Premium || got.Stale {
			t.Errorf("after %s: got %+v", fault, got)
		}
	}
}

func TestOf_KeyIsRejected_TheLastAnswerHolds(t *testing.T) {
	w := newWorld(t)
	w.subscribe(ada.UserID, month)
	w.of(w.reader())
	w.revenueCat.RotateKey("another")
	w.advance(6 * time.Hour)
	if got := w.of(w.reader()); got.Plan != tables.Premium || !got.Stale {
		t.Errorf("got %+v", got)
	}
}

func TestOf_Outage_IsAskedFiveTimes(t *testing.T) {
	w := newWorld(t)
	w.revenueCat.Set(fakes.ServerError)
	r := w.reader()
	if count := w.requests(func() {
		for range 20 {
			w.of(r)
		}
	}); count != 5 {
		t.Errorf("20 reads sent %d requests", count)
	}
}

// slow is RevenueCat that answers when the test says so.
type slow struct {
	customers
	asked, answer chan struct{}
}

func (s slow) ActiveEntitlements(ctx context.Context, id string) ([]revenuecat.Entitlement, error) {
	s.asked <- struct{}{}
	select {
	case <-s.answer:
		return s.customers.ActiveEntitlements(ctx, id)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestOf_FiftyInParallel_AskOnce(t *testing.T) {
	w := newWorld(t)
	w.subscribe(ada.UserID, month)
	r := w.reader()
	var all sync.WaitGroup
	if count := w.requests(func() {
		for range 50 {
			all.Go(func() {
				if got, err := r.Of(t.Context(), ada); err != nil || got.Plan != tables.Premium {
					t.Errorf("got %+v, %v", got, err)
				}
			})
		}
		all.Wait()
	}); count != 1 {
		t.Errorf("50 misses sent %d requests", count)
	}
}

func TestOf_FirstCallerGivesUp_OthersGetTheAnswer(t *testing.T) {
	w := newWorld(t)
	w.subscribe(ada.UserID, month)
	r := w.reader()
	s := slow{r.customers, make(chan struct{}), make(chan struct{})}
	r.customers = s
	impatient, giveUp := context.WithCancel(t.Context())
	first, second := make(chan error), make(chan Entitlement)
	go func() { _, err := r.Of(impatient, ada); first <- err }()
	<-s.asked
	go func() { got, _ := r.Of(t.Context(), ada); second <- got }()
	giveUp()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(s.answer)
	select {
	case <-s.asked: // the second caller came after the first answer was kept, or asks itself
		t.Error("RevenueCat was asked twice")
	case got := <-second:
		if got.Plan != tables.Premium {
			t.Errorf("got %+v", got)
		}
	}
}

func TestRefresh_FreshAnswer_AsksAgain(t *testing.T) {
	w := newWorld(t)
	w.of(w.reader())
	w.subscribe(ada.UserID, month)
	w.advance(time.Second)
	got, err := w.reader().Refresh(t.Context(), ada)
	if err != nil || got.Plan != tables.Premium || got.Stale {
		t.Errorf("got %+v, %v", got, err)
	}
	if got := w.of(w.reader()); got.Plan != tables.Premium {
		t.Errorf("the next read: %+v", got)
	}
	w.revenueCat.Set(fakes.ServerError)
	got, err = w.reader().Refresh(t.Context(), ada)
	if err != nil || got.Plan != tables.Premium || !got.Stale {
		t.Errorf("in an outage: %+v, %v", got, err)
	}
}

// A check that began before the purchase may end after the sync that followed it.
func TestKeep_EarlierCheck_LeavesTheLaterAnswer(t *testing.T) {
	w := newWorld(t)
	early := tables.Entitlement{UserID: ada.UserID, Plan: tables.Free, CheckedAt: w.now().UnixMilli()}
	w.advance(time.Second)
	w.subscribe(ada.UserID, month)
	r := w.reader()
	if _, err := r.Refresh(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	if err := r.keep(t.Context(), early); err != nil {
		t.Fatal(err)
	}
	if got := w.of(r); got.Plan != tables.Premium {
		t.Errorf("got %+v", got)
	}
}

func TestOf_CallerWithoutAUsername_IsAnsweredAndNotKept(t *testing.T) {
	w := newWorld(t)
	w.subscribe(ada.Username, month)
	if got, err := w.reader().Of(t.Context(), function.Caller{UserID: ada.UserID}); err != nil || got.Plan != tables.Free {
		t.Errorf("got %+v, %v", got, err)
	}
	if got := w.of(w.reader()); got.Plan != tables.Premium {
		t.Errorf("with the username: %+v", got)
	}
	if got, err := w.reader().Of(t.Context(), function.Caller{UserID: ada.UserID}); err != nil || got.Plan != tables.Premium {
		t.Errorf("from what is kept: %+v, %v", got, err)
	}
}

// broken is a DynamoDB that refuses reads or writes.
type broken struct {
	store.Client
	reads, writes bool
}

var errDown = errors.New("down")

func (b broken) GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if b.reads {
		return nil, errDown
	}
	return b.Client.GetItem(ctx, in, options...)
}

func (b broken) PutItem(ctx context.Context, in *dynamodb.PutItemInput, options ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if b.writes {
		return nil, errDown
	}
	return b.Client.PutItem(ctx, in, options...)
}

func TestReader_TableFails_ReadIsAnErrorAndWriteIsNot(t *testing.T) {
	w := newWorld(t)
	w.subscribe(ada.UserID, month)
	r := w.through(broken{dynamotest.Client(t), true, false})
	_, ofErr := r.Of(t.Context(), ada)
	_, refreshErr := r.Refresh(t.Context(), ada)
	if !errors.Is(ofErr, errDown) || !errors.Is(refreshErr, errDown) {
		t.Errorf("got %v and %v", ofErr, refreshErr)
	}
	if got := w.of(w.through(broken{dynamotest.Client(t), false, true})); got.Plan != tables.Premium || got.Stale {
		t.Errorf("got %+v", got)
	}
}
