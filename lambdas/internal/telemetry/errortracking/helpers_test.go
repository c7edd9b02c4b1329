package errortracking_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/errortracking"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/sentry"
)

// publicKey is the key of the project; no error may show it.
const publicKey = "canarypublickey0123456789abcdef0"

var (
	source = errortracking.Source{Stage: "test", Function: "auth-login", Release: "1.2.3"}
	about  = errortracking.Event{Route: "POST /auth/login", RequestID: "req-1", Status: 500, Code: "INTERNAL_ERROR"}
)

// newTracker returns a tracker and the Sentry on loopback that it reports to.
func newTracker(t *testing.T) (*errortracking.Tracker, *sentry.Fake) {
	t.Helper()
	fake := sentry.New(publicKey)
	return mustNew(t, fake.DSN(fakes.Serve(t, fake.Handler()))), fake
}

// newTrackerInMemory returns the same without a network, for testing/synctest.
func newTrackerInMemory(t *testing.T) (*errortracking.Tracker, *sentry.Fake) {
	t.Helper()
	fake := sentry.New(publicKey)
	return mustNew(t, fake.DSN("https://sentry.example"), func(http.RoundTripper) http.RoundTripper { return inMemory{fake.Handler()} }), fake
}

func mustNew(t *testing.T, dsn string, middleware ...external.Middleware) *errortracking.Tracker {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	tracker, err := errortracking.New(dsn, source, middleware...)
	if err != nil {
		t.Fatal(err)
	}
	return tracker
}

// inMemory is a transport that calls a handler.
type inMemory struct{ handler http.Handler }

func (m inMemory) RoundTrip(request *http.Request) (*http.Response, error) {
	recorded := httptest.NewRecorder()
	m.handler.ServeHTTP(recorded, request)
	return recorded.Result(), request.Context().Err()
}

// event is what the tests look at in an event that arrived.
type event struct {
	EventID     string `json:"event_id"`
	Environment string
	Release     string
	Level       string
	Platform    string
	Transaction string
	Fingerprint []string
	Tags        map[string]string
	Exception   []exception
}

type exception struct {
	Type, Value string
	Stacktrace  *struct{ Frames []frame }
	Mechanism   *struct {
		Type    string
		Handled *bool
	}
}

type frame struct {
	Function, Module, Filename string
	AbsPath                    string `json:"abs_path"`
	Lineno                     int
	InApp                      bool `json:"in_app"`
}

// reported reports a failure and returns what arrived of it: whole, and decoded.
func reported(t *testing.T, ctx context.Context, failure error, about errortracking.Event) (sentry.Event, event) {
	t.Helper()
	tracker, fake := newTracker(t)
	if err := tracker.Report(ctx, failure, about); err != nil {
		t.Fatal(err)
	}
	arrived := fake.Events()
	if len(arrived) != 1 {
		t.Fatalf("%d events arrived", len(arrived))
	}
	var decoded event
	if err := json.Unmarshal(arrived[0].Payload, &decoded); err != nil {
		t.Fatal(err)
	}
	return arrived[0], decoded
}

// panicked returns what the pipeline makes of a panic in a use case.
func panicked(work func()) (failure error) {
	defer func() {
		if value := recover(); value != nil {
			failure = apierror.Internal.Because(telemetry.Recovered(value))
		}
	}()
	work()
	return nil
}
