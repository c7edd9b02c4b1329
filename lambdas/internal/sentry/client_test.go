package sentry_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	client "github.com/expenzez/infrastructure/lambdas/internal/sentry"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/sentry"
)

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
		made, err := client.New(dsn, "test")
		if made != nil || err == nil || !strings.Contains(err.Error(), "SENTRY_DSN") {
			t.Errorf("%s: got %v, %v", name, made, err)
		} else if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "sentry.example") {
			t.Errorf("%s: the error shows it: %v", name, err)
		}
	}
}

func TestSend_SentryHangs_TimesOut(t *testing.T) {
	for name, tc := range map[string]struct {
		fault        fakes.Fault
		deadline     time.Duration
		least, limit time.Duration
	}{
		"it never answers":           {fakes.Hanging, time.Minute, 2900 * time.Millisecond, 3900 * time.Millisecond},
		"the invocation ends before": {fakes.Hanging, 700 * time.Millisecond, 100 * time.Millisecond, 600 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			at, fake := newClient(t)
			fake.Set(tc.fault)
			ctx, cancel := context.WithTimeout(t.Context(), tc.deadline)
			defer cancel()
			begin := time.Now()
			err := at.Send(ctx, report)
			if took := time.Since(begin); took < tc.least || took > tc.limit {
				t.Errorf("it took %s", took)
			}
			if !errors.Is(err, external.ErrTimeout) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSend_UsesNewConnection(t *testing.T) {
	fake := sentry.New(publicKey)
	connections := map[string]bool{}
	at := mustNew(t, fake.DSN(fakes.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		fake.Handler().ServeHTTP(w, r)
	}))))
	for range 3 {
		if err := at.Send(t.Context(), report); err != nil {
			t.Fatal(err)
		}
	}
	if len(connections) != 3 {
		t.Errorf("%d connections for 3 reports", len(connections))
	}
}

func TestSend_RetryAllowed_IsSentOnce(t *testing.T) {
	at, fake := newClient(t)
	fake.SetFor(1, fakes.ServerError)
	if err := at.Send(external.AllowRetry(t.Context()), report); err == nil || fake.Requests() != 1 {
		t.Errorf("%d requests, %v", fake.Requests(), err)
	}
}

func TestSend_SentryDown_OpensBreaker(t *testing.T) {
	at, fake := newClient(t)
	fake.Set(fakes.ServerError)
	for range 8 {
		if err := at.Send(t.Context(), report); !errors.Is(err, external.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	}
	if fake.Requests() != 5 {
		t.Errorf("asked %d times, want 5", fake.Requests())
	}
}

func TestSend_SentryRefuses_DoesNotPrintDSN(t *testing.T) {
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
			err := mustNew(t, dsn).Send(t.Context(), report)
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

func TestSend_NoServer_DoesNotPrintDSN(t *testing.T) {
	for _, dsn := range []string{sentry.New(publicKey).DSN("http://127.0.0.1:1"), sentry.New(publicKey).DSN("https://sentry.invalid")} {
		err := mustNew(t, dsn).Send(t.Context(), report)
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

func TestSend_SentryThrottles_PausesAsAsked(t *testing.T) {
	for name, tc := range map[string]struct {
		retryAfter string
		pause      time.Duration
	}{
		"it says":         {"7", 7 * time.Second},
		"it does not say": {"soon", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				at, fake := newClientInMemory(t)
				fake.RetryAfter = tc.retryAfter
				fake.SetFor(1, fakes.Throttled)
				if err := at.Send(t.Context(), report); !external.IsStatus(err, 429) {
					t.Fatalf("got %v", err)
				}
				time.Sleep(tc.pause - time.Nanosecond)
				if err := at.Send(t.Context(), report); err == nil || fake.Requests() != 1 {
					t.Errorf("before the end: %d requests, %v", fake.Requests(), err)
				}
				time.Sleep(time.Nanosecond)
				if err := at.Send(t.Context(), report); err != nil || len(fake.Events()) != 1 {
					t.Errorf("after it: %d events, %v", len(fake.Events()), err)
				}
			})
		})
	}
}
