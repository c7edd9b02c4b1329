package sentry_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	client "github.com/expenzez/infrastructure/lambdas/internal/sentry"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/sentry"
)

// publicKey is the key of the project; no error may show it.
const publicKey = "canarypublickey0123456789abcdef0"

// report is a report of a wrapped error.
var report = function.ErrorReport{
	ID: "0123456789abcdef0123456789abcdef", At: time.Unix(1_800_000_000, 0), Function: "auth-login", Release: "17",
	Route: "POST /auth/login", Request: "req-1", Trace: "1-5759e988-bd862e3fe1be46a994272793", Status: 500, Code: "INTERNAL_ERROR",
	Kind: []string{"POST /auth/login", "INTERNAL_ERROR", "*fs.PathError", "*errors.errorString"},
	Errors: []function.ReportedError{
		{Type: "*fs.PathError", Text: "read account: open users: gone"},
		{Type: "*errors.errorString", Text: "gone"},
	},
}

// newClient returns a client and the Sentry on loopback that it reports to.
func newClient(t *testing.T) (*client.Client, *sentry.Fake) {
	t.Helper()
	fake := sentry.New(publicKey)
	return mustNew(t, fake.DSN(fakes.Serve(t, fake.Handler()))), fake
}

// newClientInMemory returns the same without a network, for testing/synctest.
func newClientInMemory(t *testing.T) (*client.Client, *sentry.Fake) {
	t.Helper()
	fake := sentry.New(publicKey)
	return mustNew(t, fake.DSN("https://sentry.example"), func(http.RoundTripper) http.RoundTripper { return inMemory{fake.Handler()} }), fake
}

func mustNew(t *testing.T, dsn string, middleware ...external.Middleware) *client.Client {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	made, err := client.New(dsn, "test", middleware...)
	if err != nil {
		t.Fatal(err)
	}
	return made
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
