package entitlement

import (
	"context"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/revenuecat"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
	fake "github.com/expenzez/infrastructure/test/fakes/revenuecat"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

const premiumID = "entla1b2c3d4e5"

var ada = function.Caller{UserID: "5f1c2a9e-0000-4000-8000-000000000001", Username: "ada.lovelace"}

// world is RevenueCat, the table, and a clock that tests move.
type world struct {
	t          *testing.T
	revenueCat *fake.Fake
	url, table string
	at         atomic.Int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	service := fake.New("key")
	w := &world{t: t, revenueCat: service, url: fakes.Serve(t, service.Handler()) + "/v2", table: dynamotest.Table(t, tables.Entitlements)}
	w.at.Store(1_800_000_000_000)
	return w
}

func (w *world) now() time.Time          { return time.UnixMilli(w.at.Load()) }
func (w *world) advance(d time.Duration) { w.at.Add(d.Milliseconds()) }

func (w *world) reader() *Reader { return w.through(dynamotest.Client(w.t)) }

func (w *world) through(client store.Client) *Reader {
	w.t.Helper()
	customers, err := revenuecat.New(revenuecat.Config{
		ProjectID: fake.Project, BaseURL: w.url, Key: func(context.Context) (string, error) { return "key", nil },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return &Reader{known: store.New[tables.Entitlement](client, w.table, tables.Entitlements), customers: customers, premium: premiumID, now: w.now}
}

// subscribe makes the customer premium for the time, or without an end when it is 0.
func (w *world) subscribe(customer string, length time.Duration, aliases ...string) {
	e := fake.Entitlement{ID: premiumID}
	if length > 0 {
		end := w.now().Add(length).UnixMilli()
		e.ExpiresAt = &end
	}
	w.revenueCat.Put(fake.Customer{ID: customer, Aliases: aliases, Entitlements: []fake.Entitlement{e}})
}

func (w *world) cancel(customer string) { w.revenueCat.Put(fake.Customer{ID: customer}) }

func (w *world) of(r *Reader) Entitlement {
	w.t.Helper()
	e, err := r.Of(w.t.Context(), ada)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// requests returns how many requests the work makes to RevenueCat.
func (w *world) requests(work func()) int {
	before := w.revenueCat.Requests()
	work()
	return w.revenueCat.Requests() - before
}
