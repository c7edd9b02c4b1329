package fakes

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Fault is a way for a service to fail.
type Fault string

// The faults. The zero value, None, is a service that works.
const (
	None Fault = ""
	// Slow answers correctly, byte by byte with pauses of SlowPause.
	Slow Fault = "slow"
	// Hanging accepts the request and never answers.
	Hanging Fault = "hanging"
	// Garbage answers 200 with a page of HTML.
	Garbage Fault = "garbage"
	// Huge answers 200 with 10 MB of valid JSON.
	Huge Fault = "huge"
	// ServerError answers 500.
	ServerError Fault = "500"
	// Throttled answers 429 with Retry-After.
	Throttled Fault = "429"
	// Redirect answers 307 to the same path on another host.
	Redirect Fault = "redirect"
	// Cut does what the request asks for, and cuts the connection instead of answering.
	Cut Fault = "cut"
)

// SlowPause is the pause between two bytes of a slow answer.
const SlowPause = 20 * time.Millisecond

// Faults makes a handler fail on demand and counts its requests. The zero value
// lets every request through.
type Faults struct {
	// RedirectTo is the scheme and host that Redirect points to.
	RedirectTo string
	// RetryAfter is the header of Throttled. Default: "1".
	RetryAfter string
	// ErrorBody is the body of ServerError and Throttled, in the service's format.
	ErrorBody func(status int) string

	mu       sync.Mutex
	fault    Fault
	left     int
	requests int
}

// Set makes every request from now on meet the fault; None ends that.
func (f *Faults) Set(fault Fault) { f.SetFor(-1, fault) }

// SetFor makes the next n requests meet the fault.
func (f *Faults) SetFor(n int, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.left = fault, n
}

// Requests returns how many requests have arrived.
func (f *Faults) Requests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests
}

func (f *Faults) next() Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	if f.left == 0 {
		return None
	}
	f.left--
	return f.fault
}

// Wrap returns the handler with the faults in front.
func (f *Faults) Wrap(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch fault := f.next(); fault {
		case Slow:
			slow(w, r, handler)
		case Hanging:
			_, _ = io.Copy(io.Discard, r.Body) // the end of the client is noticed only after the body
			<-r.Context().Done()
		case Garbage:
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<!DOCTYPE html><html><body>It works!</body></html>")
		case Huge:
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"padding":"`)
			for range 10 {
				_, _ = io.WriteString(w, megabyte())
			}
			_, _ = io.WriteString(w, `"}`)
		case ServerError:
			f.fail(w, http.StatusInternalServerError)
		case Throttled:
			after := f.RetryAfter
			if after == "" {
				after = "1"
			}
			w.Header().Set("Retry-After", after)
			f.fail(w, http.StatusTooManyRequests)
		case Redirect:
			w.Header().Set("Location", f.RedirectTo+r.URL.Path)
			w.WriteHeader(http.StatusTemporaryRedirect)
		case Cut:
			handler.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		default:
			handler.ServeHTTP(w, r)
		}
	})
}

var megabyte = sync.OnceValue(func() string { return strings.Repeat("x", 1<<20) })

func (f *Faults) fail(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if f.ErrorBody != nil {
		fmt.Fprint(w, f.ErrorBody(status))
	}
}

func slow(w http.ResponseWriter, r *http.Request, handler http.Handler) {
	recorded := httptest.NewRecorder()
	handler.ServeHTTP(recorded, r)
	for name, values := range recorded.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(recorded.Code)
	for _, b := range recorded.Body.Bytes() {
		if _, err := w.Write([]byte{b}); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-time.After(SlowPause):
		case <-r.Context().Done():
			return
		}
	}
}
