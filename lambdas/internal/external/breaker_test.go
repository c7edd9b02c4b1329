package external_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/test/fakes"
)

// once makes a call a single attempt, so that the tests count failures one by one.
var once = external.Service{Attempts: 1}

func TestBreaker_FiveFailures_OpensForSixtySeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := &fakes.Faults{}
		client := newClientInMemory(t, once, faults.Wrap(working))
		fail(t, client, faults, 5)
		if err := get(client); !errors.Is(err, external.ErrUnavailable) || !strings.Contains(err.Error(), "open") {
			t.Errorf("after five failures: %v", err)
		}
		faults.Set(fakes.None)
		time.Sleep(60 * time.Second)
		if err := get(client); !errors.Is(err, external.ErrUnavailable) {
			t.Errorf("at 60 s it is still open: %v", err)
		}
		if faults.Requests() != 5 {
			t.Errorf("an open breaker let %d requests through", faults.Requests()-5)
		}
		time.Sleep(time.Nanosecond)
		for range 2 {
			if err := get(client); err != nil {
				t.Errorf("after the probe: %v", err)
			}
		}
	})
}

func TestBreaker_ProbeFails_OpensAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := &fakes.Faults{}
		client := newClientInMemory(t, external.Service{}, faults.Wrap(working))
		fail(t, client, faults, 5)
		time.Sleep(61 * time.Second)
		fail(t, client, faults, 1)
		time.Sleep(59 * time.Second)
		if err := get(client); !errors.Is(err, external.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		if faults.Requests() != 6 {
			t.Errorf("%d requests, want five failures and one probe", faults.Requests())
		}
	})
}

func TestBreakers_ReturnsStatePerService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := &fakes.Faults{}
		client := newClientInMemory(t, once, faults.Wrap(working))
		fail(t, client, faults, 4)
		if open, called := external.Breakers()["people"]; open || !called {
			t.Errorf("after four failures: %v", external.Breakers())
		}
		fail(t, client, faults, 1)
		if !external.Breakers()["people"] {
			t.Errorf("after five: %v", external.Breakers())
		}
	})
}

func TestBreaker_FrozenTime_Counts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := &fakes.Faults{}
		client := newClientInMemory(t, once, faults.Wrap(working))
		fail(t, client, faults, 5)
		defer external.Freeze(60 * time.Second)()
		if err := get(client); !errors.Is(err, external.ErrUnavailable) || faults.Requests() != 5 {
			t.Errorf("after 60 s: %v, %d requests", err, faults.Requests())
		}
		defer external.Freeze(1)()
		fail(t, client, faults, 1)
		if err := get(client); !errors.Is(err, external.ErrUnavailable) || faults.Requests() != 6 {
			t.Errorf("after a failed probe: %v, %d requests", err, faults.Requests())
		}
		defer external.Freeze(61 * time.Second)()
		faults.Set(fakes.None)
		if err := get(client); err != nil {
			t.Errorf("a probe that succeeds: %v", err)
		}
		fail(t, client, faults, 4)
		faults.Set(fakes.None)
		if err := get(client); err != nil {
			t.Errorf("four failures after it: %v", err)
		}
	})
}

func TestBreaker_HalfOpen_SendsOneProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := &fakes.Faults{}
		client := newClientInMemory(t, once, faults.Wrap(working))
		fail(t, client, faults, 5)
		time.Sleep(61 * time.Second)
		faults.Set(fakes.Hanging)
		probe := make(chan error)
		go func() { probe <- get(client) }()
		synctest.Wait()
		if err := get(client); !errors.Is(err, external.ErrUnavailable) {
			t.Errorf("beside the probe: %v", err)
		}
		if faults.Requests() != 6 {
			t.Errorf("%d probes", faults.Requests()-5)
		}
		if err := <-probe; !errors.Is(err, external.ErrTimeout) {
			t.Errorf("the probe: %v", err)
		}
	})
}

// The answer that opens the breaker in the middle of a call is what the call
// returns; nothing is repeated after it.
func TestBreaker_Retries_CountAndStopWhenOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := &fakes.Faults{}
		faults.Set(fakes.ServerError)
		client := newClientInMemory(t, external.Service{Attempts: 9}, faults.Wrap(working))
		if err := get(client); !external.IsStatus(err, http.StatusInternalServerError) {
			t.Errorf("got %v", err)
		}
		if faults.Requests() != 5 {
			t.Errorf("%d requests", faults.Requests())
		}
	})
}

func TestBreaker_FailureKinds_AreCounted(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.Handler
		opens   bool
	}{
		"500":           {status(500), true},
		"503":           {status(503), true},
		"garbage":       {answering("<html>"), true},
		"another shape": {answering(`[]`), true},
		"too large":     {answering(strings.Repeat(" ", 2<<20)), true},
		"redirect":      {status(302), true},
		"hanging":       {http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), true},
		"400":           {status(400), false},
		"401":           {status(401), false},
		"404":           {status(404), false},
		"429":           {status(429), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				faults := &fakes.Faults{}
				client := newClientInMemory(t, once, faults.Wrap(test.handler))
				for range 6 {
					if get(client) == nil {
						t.Fatal("the call succeeded")
					}
				}
				if opened := faults.Requests() == 5; opened != test.opens {
					t.Errorf("opened: %v (%d of 6 requests were sent)", opened, faults.Requests())
				}
			})
		})
	}
}

func TestBreaker_Success_ResetsCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := &fakes.Faults{}
		client := newClientInMemory(t, once, faults.Wrap(working))
		fail(t, client, faults, 4)
		faults.Set(fakes.None)
		if err := get(client); err != nil {
			t.Fatal(err)
		}
		fail(t, client, faults, 4)
		faults.Set(fakes.None)
		if err := get(client); err != nil {
			t.Errorf("eight failures, never five in a row: %v", err)
		}
	})
}

func TestBreaker_CallerGivesUp_IsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := &fakes.Faults{}
		client := newClientInMemory(t, once, faults.Wrap(working))
		faults.Set(fakes.Hanging)
		for range 6 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if err := client.Call(ctx, external.Call{}, nil); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		faults.Set(fakes.None)
		if err := get(client); err != nil {
			t.Errorf("got %v", err)
		}
	})
}

func TestBreaker_ClientsOfOneService_ShareIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := &fakes.Faults{}
		one := newClientInMemory(t, once, faults.Wrap(working))
		same := newClientInMemory(t, once, faults.Wrap(working))
		other := newClientInMemory(t, external.Service{Name: "places"}, working)
		fail(t, one, faults, 5)
		if err := get(same); !errors.Is(err, external.ErrUnavailable) || faults.Requests() != 5 {
			t.Errorf("a second client of the service asked it again: %v", err)
		}
		if err := get(other); err != nil {
			t.Errorf("another service: %v", err)
		}
		external.ResetBreakers()
		faults.Set(fakes.None)
		if err := get(same); err != nil {
			t.Errorf("after the reset: %v", err)
		}
	})
}

func TestBreaker_StateChange_IsLoggedWithoutRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var written bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewJSONHandler(&written, nil)))
		defer slog.SetDefault(before)
		faults := &fakes.Faults{}
		client := newClientInMemory(t, once, faults.Wrap(working))
		fail(t, client, faults, 5)
		line := written.String()
		if !strings.Contains(line, `"service":"people","from":"closed","to":"open"`) || strings.Count(line, "\n") != 1 {
			t.Errorf("logged %q", line)
		}
	})
}

// fail makes n calls to the broken service.
func fail(t *testing.T, client *external.Client, faults *fakes.Faults, n int) {
	t.Helper()
	faults.Set(fakes.ServerError)
	for range n {
		if err := post(t.Context(), client); !external.IsStatus(err, http.StatusInternalServerError) {
			t.Fatalf("got %v", err)
		}
	}
}

func status(code int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "{}")
	})
}
