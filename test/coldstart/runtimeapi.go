package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// runtimeAPI is Lambda's Runtime API for one process and one invocation.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type runtimeAPI struct {
	server *httptest.Server
	event  string
	polls  chan time.Time // when the process asked for an event, the first two times
	answer chan answer    // what it made of the event
	mu     sync.Mutex
	polled int
}

type answer struct {
	body string
	err  error
}

func newRuntimeAPI(event string) *runtimeAPI {
	api := &runtimeAPI{event: event, polls: make(chan time.Time, 2), answer: make(chan answer, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", api.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/once/response", api.done)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/once/error", api.failed)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", api.failed)
	api.server = httptest.NewServer(mux)
	return api
}

func (api *runtimeAPI) address() string { return strings.TrimPrefix(api.server.URL, "http://") }

// close ends what the process still waits for, too.
func (api *runtimeAPI) close() {
	api.server.CloseClientConnections()
	api.server.Close()
}

// next hands out the event once. Whoever asks again waits, as a frozen function
// does.
func (api *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	api.mu.Lock()
	api.polled++
	nth := api.polled
	api.mu.Unlock()
	if nth <= cap(api.polls) {
		api.polls <- now
	}
	if nth > 1 {
		<-r.Context().Done()
		return
	}
	w.Header().Set("Lambda-Runtime-Aws-Request-Id", "once")
	w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(now.Add(time.Minute).UnixMilli()))
	w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-2:123456789012:function:cold-start")
	io.WriteString(w, api.event)
}

func (api *runtimeAPI) done(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	api.send(w, answer{string(body), err})
}

func (api *runtimeAPI) failed(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	api.send(w, answer{err: fmt.Errorf("the function reports to %s: %s", r.URL.Path, body)})
}

func (api *runtimeAPI) send(w http.ResponseWriter, a answer) {
	select {
	case api.answer <- a:
	default: // one answer was enough
	}
	w.WriteHeader(http.StatusAccepted)
}
