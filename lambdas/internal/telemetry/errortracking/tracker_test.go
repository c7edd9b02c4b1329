package errortracking_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/errortracking"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/sentry"
)

var errNoItem = errors.New("read account: no such item")

func TestReport_NilTracker_AllocatesNothing(t *testing.T) {
	tracker, err := errortracking.New("", source)
	if tracker != nil || err != nil {
		t.Fatalf("got %v, %v", tracker, err)
	}
	ctx := t.Context()
	if allocations := testing.AllocsPerRun(100, func() { err = tracker.Report(ctx, errNoItem, about) }); allocations != 0 || err != nil {
		t.Errorf("%v allocations, %v", allocations, err)
	}
}

func TestReport_ClientErrors_AreNotSent(t *testing.T) {
	tracker, fake := newTracker(t)
	for status, want := range map[int]int{400: 0, 401: 0, 422: 0, 429: 0, 499: 0, 500: 1, 503: 1} {
		before := fake.Requests()
		about := about
		about.Status = status
		if err := tracker.Report(t.Context(), errNoItem, about); err != nil || fake.Requests()-before != want {
			t.Errorf("status %d: %d requests, %v", status, fake.Requests()-before, err)
		}
	}
	if err := tracker.Report(t.Context(), nil, about); err != nil || fake.Requests() != 2 {
		t.Errorf("no failure: %d requests, %v", fake.Requests(), err)
	}
}

func TestNew_InvalidDSN_IsNotPrinted(t *testing.T) {
	for name, dsn := range map[string]string{
		"no URL":               "https://canary%zz@sentry.example/1",
		"no key":               "https://sentry.example/canary",
		"no project":           "https://canary@sentry.example",
		"no host":              "https:///canary",
		"another scheme":       "ftp://canary@sentry.example/1",
		"plain HTTP":           "http://canary@sentry.example/1",
		"a project of escapes": "https://canary@sentry.example/%25zz",
		"a port of letters":    "https://canary@sentry.example:port/1",
	} {
		tracker, err := errortracking.New(dsn, source)
		if tracker != nil || err == nil || !strings.Contains(err.Error(), "SENTRY_DSN") {
			t.Errorf("%s: got %v, %v", name, tracker, err)
		} else if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "sentry.example") {
			t.Errorf("%s: the error shows it: %v", name, err)
		}
	}
}

func TestReport_SentryHangs_TimesOut(t *testing.T) {
	for name, tc := range map[string]struct {
		fault        fakes.Fault
		deadline     time.Duration
		least, limit time.Duration
	}{
		"it never answers":              {fakes.Hanging, time.Minute, 300 * time.Millisecond, 900 * time.Millisecond},
		"it trickles":                   {fakes.Slow, time.Minute, 300 * time.Millisecond, 900 * time.Millisecond},
		"the invocation ends before":    {fakes.Hanging, 350 * time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond},
		"the invocation has no reserve": {fakes.Hanging, 200 * time.Millisecond, 0, 150 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			tracker, fake := newTracker(t)
			fake.Set(tc.fault)
			ctx, cancel := context.WithTimeout(t.Context(), tc.deadline)
			defer cancel()
			begin := time.Now()
			err := tracker.Report(ctx, errNoItem, about)
			if took := time.Since(begin); took < tc.least || took > tc.limit {
				t.Errorf("it took %s", took)
			}
			if !errors.Is(err, external.ErrTimeout) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestReport_UsesNewConnection(t *testing.T) {
	fake := sentry.New(publicKey)
	connections := map[string]bool{}
	tracker := mustNew(t, fake.DSN(fakes.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		fake.Handler().ServeHTTP(w, r)
	}))))
	for range 3 {
		if err := tracker.Report(t.Context(), errNoItem, about); err != nil {
			t.Fatal(err)
		}
	}
	if len(connections) != 3 {
		t.Errorf("%d connections for 3 reports", len(connections))
	}
}

func TestReport_RetryAllowed_IsSentOnce(t *testing.T) {
	tracker, fake := newTracker(t)
	fake.SetFor(1, fakes.ServerError)
	if err := tracker.Report(external.AllowRetry(t.Context()), errNoItem, about); err == nil || fake.Requests() != 1 {
		t.Errorf("%d requests, %v", fake.Requests(), err)
	}
}

func TestReport_SentryDown_OpensBreaker(t *testing.T) {
	tracker, fake := newTracker(t)
	fake.Set(fakes.ServerError)
	for range 8 {
		if err := tracker.Report(t.Context(), errNoItem, about); !errors.Is(err, external.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	}
	if fake.Requests() != 5 {
		t.Errorf("asked %d times, want 5", fake.Requests())
	}
}

func TestReport_SentryRefuses_DoesNotPrintDSN(t *testing.T) {
	elsewhere := &fakes.Faults{}
	elsewhereURL := fakes.Serve(t, elsewhere.Wrap(http.NotFoundHandler()))
	answer := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", elsewhereURL)
			fakes.WriteJSON(w, status, map[string]string{"detail": publicKey})
		}
	}
	huge := &fakes.Faults{}
	huge.Set(fakes.Huge)
	for name, tc := range map[string]struct {
		handler http.Handler
		want    string
	}{
		"a bad event":        {answer(400), "400"},
		"a disabled key":     {answer(403), "403"},
		"no such project":    {answer(404), "404"},
		"an event too large": {answer(413), "413"},
		"too many events":    {answer(429), "429"},
		"a fault of its own": {answer(500), "500"},
		"it is down":         {answer(503), "503"},
		"another host":       {answer(307), "307"},
		"not JSON":           {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("OK")) }), "not JSON"},
		"an endless answer":  {huge.Wrap(nil), "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := sentry.New(publicKey).DSN(fakes.Serve(t, tc.handler))
			err := mustNew(t, dsn).Report(t.Context(), errNoItem, about)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v", err)
			} else {
				hidesDSN(t, err)
			}
		})
	}
	if elsewhere.Requests() != 0 {
		t.Error("the event went to another host")
	}
}

func TestReport_NoServer_DoesNotPrintDSN(t *testing.T) {
	for _, dsn := range []string{sentry.New(publicKey).DSN("http://127.0.0.1:1"), sentry.New(publicKey).DSN("https://sentry.invalid")} {
		err := mustNew(t, dsn).Report(t.Context(), errNoItem, about)
		if err == nil {
			t.Fatal("no error")
		}
		hidesDSN(t, err)
	}
}

func hidesDSN(t *testing.T, err error) {
	t.Helper()
	if strings.Contains(err.Error(), publicKey) || strings.Contains(err.Error(), sentry.Project) || strings.Contains(err.Error(), "envelope") {
		t.Errorf("the error shows the DSN: %v", err)
	}
}

func TestReport_SentryThrottles_PausesAsAsked(t *testing.T) {
	for name, tc := range map[string]struct {
		retryAfter string
		pause      time.Duration
	}{
		"it says":         {"7", 7 * time.Second},
		"it does not say": {"soon", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tracker, fake := newTrackerInMemory(t)
				fake.RetryAfter = tc.retryAfter
				fake.SetFor(1, fakes.Throttled)
				if err := tracker.Report(t.Context(), errNoItem, about); !external.IsStatus(err, 429) {
					t.Fatalf("got %v", err)
				}
				time.Sleep(tc.pause - time.Nanosecond)
				if err := tracker.Report(t.Context(), errNoItem, about); err == nil || fake.Requests() != 1 {
					t.Errorf("before the end: %d requests, %v", fake.Requests(), err)
				}
				time.Sleep(time.Nanosecond)
				if err := tracker.Report(t.Context(), errNoItem, about); err != nil || len(fake.Events()) != 1 {
					t.Errorf("after it: %d events, %v", len(fake.Events()), err)
				}
			})
		})
	}
}
