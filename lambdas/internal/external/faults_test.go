package external_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/test/fakes"
)

func TestCall_SlowService_IsTimeout(t *testing.T)    { expectTimeout(t, fakes.Slow) }
func TestCall_HangingService_IsTimeout(t *testing.T) { expectTimeout(t, fakes.Hanging) }

func expectTimeout(t *testing.T, fault fakes.Fault) {
	t.Helper()
	faults := &fakes.Faults{}
	faults.Set(fault)
	client := newClient(t, external.Service{Timeout: 60 * time.Millisecond}, faults.Wrap(working))
	if err := get(client); !errors.Is(err, external.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	if faults.Requests() != 1 {
		t.Errorf("%d requests", faults.Requests())
	}
}

func TestCall_DeadlineMinusMargin_IsTimeout(t *testing.T) {
	faults := &fakes.Faults{}
	faults.Set(fakes.Hanging)
	client := newClient(t, external.Service{Timeout: time.Hour, Margin: time.Hour}, faults.Wrap(working))
	ctx := within(t, time.Hour+60*time.Millisecond)
	if err := client.Call(ctx, external.Call{}, nil); !errors.Is(err, external.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	if ctx.Err() != nil {
		t.Error("no time is left to answer in")
	}
}

func TestCall_NoTimeLeft_SendsAndCountsNothing(t *testing.T) {
	faults := &fakes.Faults{}
	client := newClient(t, external.Service{Margin: time.Hour}, faults.Wrap(working))
	for range 6 {
		if err := client.Call(within(t, time.Minute), external.Call{}, nil); !errors.Is(err, external.ErrTimeout) {
			t.Errorf("got %v", err)
		}
	}
	if faults.Requests() != 0 {
		t.Errorf("%d requests", faults.Requests())
	}
	if err := get(client); err != nil {
		t.Errorf("the breaker counted what was not the service's fault: %v", err)
	}
}

func TestCall_Garbage_IsInvalidResponse(t *testing.T) {
	for name, body := range map[string]string{"HTML": "<html>", "another shape": `{"name":7}`, "cut off": `{"name":"A`, "nothing": "", "null": " null\n"} {
		client := newClient(t, external.Service{}, answering(body))
		if err := get(client); !errors.Is(err, external.ErrInvalidResponse) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Libraries take null for an answer, and follow it.
func TestDo_Null_IsInvalidResponse(t *testing.T) {
	address := fakes.Serve(t, answering("null"))
	if _, err := do(t, mustNew(t, external.Service{BaseURL: address}), address); !errors.Is(err, external.ErrInvalidResponse) {
		t.Errorf("got %v", err)
	}
}

func TestDo_Garbage_IsInvalidResponse(t *testing.T) {
	faults := &fakes.Faults{}
	faults.SetFor(1, fakes.Garbage)
	address := fakes.Serve(t, faults.Wrap(working))
	client := mustNew(t, external.Service{BaseURL: address})
	if _, err := do(t, client, address); !errors.Is(err, external.ErrInvalidResponse) {
		t.Errorf("got %v", err)
	}
	response, err := do(t, client, address)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(body), "Ada") {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestCall_ConnectionCut_IsUnavailable(t *testing.T) {
	client := newClient(t, external.Service{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"name":`)
	}))
	if err := get(client); !errors.Is(err, external.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// A service may have done what a request asked for when the connection breaks, and when a
// gateway answers for it.
func TestIsUnknown_Failures_SayWhetherTheServiceMayHaveActed(t *testing.T) {
	for fault, unknown := range map[fakes.Fault]bool{
		fakes.Cut: true, fakes.Hanging: true, fakes.Garbage: true, fakes.Huge: true, fakes.Redirect: true,
		fakes.ServerError: true, fakes.Throttled: false,
	} {
		faults := &fakes.Faults{}
		faults.Set(fault)
		ctx := t.Context()
		if fault == fakes.Hanging {
			ctx = within(t, 600*time.Millisecond)
		}
		client := newClient(t, external.Service{}, faults.Wrap(working))
		if err := post(ctx, client); err == nil || external.IsUnknown(err) != unknown {
			t.Errorf("%s: got %v, unknown is %v", fault, err, external.IsUnknown(err))
		}
	}
	for code, unknown := range map[int]bool{400: false, 401: false, 404: false, 500: true, 502: true, 503: true, 504: true} {
		client := newClient(t, external.Service{}, status(code))
		if err := post(t.Context(), client); err == nil || external.IsUnknown(err) != unknown {
			t.Errorf("%d: got %v, unknown is %v", code, err, external.IsUnknown(err))
		}
	}
}

func TestIsUnknown_NothingSent_IsFalse(t *testing.T) {
	server := httptest.NewServer(working)
	server.Close()
	gone := mustNew(t, external.Service{BaseURL: server.URL})
	for range 6 { // the last finds the breaker open
		if err := post(t.Context(), gone); !errors.Is(err, external.ErrUnavailable) || external.IsUnknown(err) {
			t.Errorf("no server: got %v", err)
		}
	}
	noTime := newClient(t, external.Service{Margin: time.Hour}, working)
	if err := post(within(t, time.Minute), noTime); !errors.Is(err, external.ErrTimeout) || external.IsUnknown(err) {
		t.Errorf("no time left: got %v", err)
	}
}

func TestCountActed_Attempts_AreCountedUnlessTheServiceDidNothing(t *testing.T) {
	for want, answers := range map[int64][]int{0: {429, 429, 401}, 1: {429, 429, 200}, 2: {500, 429, 200}, 3: {502, 503, 504}} {
		external.ResetBreakers()
		attempt := 0
		client := newClient(t, external.Service{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			status(answers[attempt]).ServeHTTP(w, r)
			attempt++
		}))
		var acted atomic.Int64
		err := post(external.CountActed(external.AllowRetry(t.Context()), &acted), client)
		if acted.Load() != want || attempt != len(answers) {
			t.Errorf("%v: counted %d of %d attempts, %v", answers, acted.Load(), attempt, err)
		}
	}
}

func TestCall_HugeResponse_IsTooLarge(t *testing.T) {
	faults := &fakes.Faults{}
	faults.Set(fakes.Huge)
	client := newClient(t, external.Service{}, faults.Wrap(working))
	if err := get(client); !errors.Is(err, external.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestCall_CompressedResponse_IsLimitedUncompressed(t *testing.T) {
	const answer = `{"name":"Ada"}`
	for padding, good := range map[int]bool{1000 - len(answer): true, 1001 - len(answer): false} {
		client := newClient(t, external.Service{MaxBytes: 1000}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			defer packed.Close()
			_, _ = io.WriteString(packed, answer+strings.Repeat(" ", padding))
		}))
		if err := get(client); (err == nil) != good || (!good && !errors.Is(err, external.ErrTooLarge)) {
			t.Errorf("%d bytes of padding: %v", padding, err)
		}
	}
}

func TestCall_Redirect_IsNotFollowed(t *testing.T) {
	elsewhere := &fakes.Faults{}
	plain := fakes.Serve(t, elsewhere.Wrap(working))
	encrypted := httptest.NewTLSServer(elsewhere.Wrap(working))
	t.Cleanup(encrypted.Close)
	for _, target := range []string{plain, encrypted.URL, ""} {
		faults := &fakes.Faults{RedirectTo: target}
		faults.Set(fakes.Redirect)
		client := newClient(t, external.Service{}, faults.Wrap(working))
		if err := get(client); !errors.Is(err, external.ErrInvalidResponse) {
			t.Errorf("to %q: got %v", target, err)
		}
		if faults.Requests() != 1 || elsewhere.Requests() != 0 {
			t.Errorf("to %q: %d requests here, %d there", target, faults.Requests(), elsewhere.Requests())
		}
	}
}

func TestCall_NoServer_IsUnavailable(t *testing.T) {
	server := httptest.NewServer(working)
	server.Close()
	client := mustNew(t, external.Service{BaseURL: server.URL})
	if err := get(client); !errors.Is(err, external.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestStatusError_HasBodyAndDoesNotPrintIt(t *testing.T) {
	client := newClient(t, external.Service{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "ada@example.com may not")
	}))
	err := get(client)
	var status *external.StatusError
	if !errors.As(err, &status) || status.Status != http.StatusForbidden || string(status.Body) != "ada@example.com may not" || status.RetryAfter != 7*time.Second {
		t.Fatalf("got %+v", err)
	}
	if !external.IsStatus(err, http.StatusForbidden) || errors.Is(err, external.ErrUnavailable) {
		t.Error("a 403 is not known as one")
	}
	if strings.Contains(err.Error(), "ada") {
		t.Errorf("the error prints the body: %v", err)
	}
}

func TestCall_Errors_DoNotNamePath(t *testing.T) {
	ask := func(name string, client *external.Client) {
		t.Helper()
		err := client.Call(t.Context(), external.Call{Path: []string{"people", "ada"}}, new(person))
		if err == nil || strings.Contains(err.Error(), "ada") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, fault := range []fakes.Fault{fakes.Hanging, fakes.Garbage, fakes.Huge, fakes.ServerError, fakes.Throttled, fakes.Redirect} {
		faults := &fakes.Faults{RetryAfter: "60"}
		faults.Set(fault)
		ask(string(fault), newClient(t, external.Service{Timeout: 60 * time.Millisecond}, faults.Wrap(working)))
	}
	gone := httptest.NewServer(working)
	gone.Close()
	ask("gone", mustNew(t, external.Service{BaseURL: gone.URL}))
}

func TestCall_Cancelled_ReturnsContextError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	client := newClient(t, external.Service{}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	if err := client.Call(ctx, external.Call{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func answering(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
}

func do(t *testing.T, client *external.Client, address string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client.Do(req)
}

func TestIsUnauthorized_OtherStatusOrError_IsNot(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		want bool
	}{
		"401":       {fmt.Errorf("call: %w", &external.StatusError{Status: http.StatusUnauthorized}), true},
		"403":       {&external.StatusError{Status: http.StatusForbidden}, false},
		"an outage": {external.ErrUnavailable, false},
		"no error":  {nil, false},
	} {
		if got := external.IsUnauthorized(tc.err); got != tc.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
