package external_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/test/fakes"
)

func TestCall_SafeRequests_AreRetried(t *testing.T) {
	for name, test := range map[string]struct {
		call     func(*external.Client) error
		requests int
	}{
		"GET":                  {get, 3},
		"POST":                 {func(c *external.Client) error { return post(context.Background(), c) }, 1},
		"POST that may be":     {func(c *external.Client) error { return post(external.AllowRetry(context.Background()), c) }, 3},
		"PUT":                  {send(http.MethodPut, nil), 3},
		"DELETE":               {send(http.MethodDelete, nil), 3},
		"PATCH":                {send(http.MethodPatch, nil), 1},
		"PUT of a lone stream": {send(http.MethodPut, io.LimitReader(nil, 0)), 1},
	} {
		for _, fault := range []fakes.Fault{fakes.ServerError, fakes.Throttled} {
			t.Run(name+" at "+string(fault), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					faults := &fakes.Faults{}
					faults.Set(fault)
					client := newClientInMemory(t, external.Service{}, faults.Wrap(working))
					_ = test.call(client)
					if faults.Requests() != test.requests {
						t.Errorf("%d requests, want %d", faults.Requests(), test.requests)
					}
				})
			})
		}
	}
}

func TestCall_Retry_SendsBodyAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bodies []string
		client := newClientInMemory(t, external.Service{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if bodies = append(bodies, string(body)); len(bodies) < 3 {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			working(w, r)
		}))
		if err := post(external.AllowRetry(t.Context()), client); err != nil {
			t.Fatal(err)
		}
		if want := []string{"name=Ada", "name=Ada", "name=Ada"}; !slices.Equal(bodies, want) {
			t.Errorf("bodies: %q", bodies)
		}
	})
}

func TestCall_Retries_WaitWithFullJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond}
		var longest [3]time.Duration
		for range 200 {
			var at []time.Time
			client := newClientInMemory(t, external.Service{Attempts: 4}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				at = append(at, time.Now())
				w.WriteHeader(http.StatusBadGateway)
			}))
			_ = get(client)
			for i := range limits {
				longest[i] = max(longest[i], at[i+1].Sub(at[i]))
			}
		}
		for i, limit := range limits {
			if longest[i] >= limit || longest[i] <= limit/2 {
				t.Errorf("of 200 pauses %d the longest is %s, want close below %s", i+1, longest[i], limit)
			}
		}
	})
}

func TestCall_RetryAfter_IsWaitedFor(t *testing.T) {
	for name, test := range map[string]struct {
		header string
		unit   time.Duration
		want   time.Duration
	}{
		"seconds":      {"3", 0, 3 * time.Second},
		"milliseconds": {"3000", time.Millisecond, 3 * time.Second},
		"a date":       {"Sat, 01 Jan 2000 00:00:03 GMT", 0, 3 * time.Second}, // synctest starts at midnight, 2000-01-01
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				faults := &fakes.Faults{RetryAfter: test.header}
				faults.SetFor(1, fakes.Throttled)
				client := newClientInMemory(t, external.Service{RetryAfterUnit: test.unit}, faults.Wrap(working))
				started := time.Now()
				if err := get(client); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(started); waited != test.want {
					t.Errorf("waited %s", waited)
				}
			})
		})
	}
}

func TestCall_Retries_StayWithinDeadline(t *testing.T) {
	for name, test := range map[string]struct {
		service external.Service
		limit   time.Duration
	}{
		"of the service": {external.Service{Timeout: 2 * time.Second}, time.Hour},
		"of the request": {external.Service{Margin: time.Second}, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				faults := &fakes.Faults{RetryAfter: "2"}
				faults.Set(fakes.Throttled)
				client := newClientInMemory(t, test.service, faults.Wrap(working))
				started := time.Now()
				err := client.Call(within(t, test.limit), external.Call{}, nil)
				if !external.IsStatus(err, http.StatusTooManyRequests) {
					t.Errorf("got %v, want the answer at hand", err)
				}
				if faults.Requests() != 1 || time.Since(started) != 0 {
					t.Errorf("%d requests, waited %s for a moment after the deadline", faults.Requests(), time.Since(started))
				}
			})
		})
	}
}

func TestCall_CallerGivesUp_EndsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := &fakes.Faults{RetryAfter: "5"}
		faults.Set(fakes.Throttled)
		client := newClientInMemory(t, external.Service{}, faults.Wrap(working))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		started := time.Now()
		if err := client.Call(ctx, external.Call{}, nil); !errors.Is(err, context.Canceled) || time.Since(started) != time.Second {
			t.Errorf("got %v after %s", err, time.Since(started))
		}
	})
}

// send returns a call with the method through Do.
func send(method string, body io.Reader) func(*external.Client) error {
	return func(client *external.Client) error {
		req, err := http.NewRequest(method, "https://service.example/people", body)
		if err != nil {
			return err
		}
		_, err = client.Do(req)
		return err
	}
}
