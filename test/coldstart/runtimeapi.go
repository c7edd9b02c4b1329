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

// requests is how many events a process gets.
const requests = 2

// sampledTrace is the trace header of an invocation that Lambda traces.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
const sampledTrace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

// runtimeAPI is Lambda's Runtime API for one process and a few invocations.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type runtimeAPI struct {
	server   *httptest.Server
	event    string
	polls    chan time.Time // when the process asked for an event
	resume   chan struct{}  // an event is handed out for each
	answers  chan string    // what the process made of the events
	failures chan error     // what it reported instead
	mu       sync.Mutex
	polled   int
}

func newRuntimeAPI(event string) *runtimeAPI {
	api := &runtimeAPI{
		event: event, polls: make(chan time.Time, requests+1), resume: make(chan struct{}, requests),
		answers: make(chan string, requests), failures: make(chan error, 1),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", api.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/once/response", api.done)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/once/error", api.failed)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", api.failed)
	api.server = httptest.NewServer(mux)
	return api
}

func (api *runtimeAPI) address() string { return strings.TrimPrefix(api.server.URL, "http://") }

// close also ends the request that the process still waits for.
func (api *runtimeAPI) close() {
	api.server.CloseClientConnections()
	api.server.Close()
}

// next returns the event when the measurement continues. The last poll blocks, as in a
// frozen function.
func (api *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	api.mu.Lock()
	api.polled++
	nth := api.polled
	api.mu.Unlock()
	if nth <= cap(api.polls) {
		api.polls <- now
	}
	if nth > requests {
		<-r.Context().Done()
		return
	}
	select {
	case <-api.resume:
	case <-r.Context().Done():
		return
	}
	w.Header().Set("Lambda-Runtime-Aws-Request-Id", "once")
	w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(now.Add(time.Minute).UnixMilli()))
	w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-2:123456789012:function:cold-start")
	w.Header().Set("Lambda-Runtime-Trace-Id", sampledTrace)
	io.WriteString(w, api.event)
}

func (api *runtimeAPI) done(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		api.fail(err)
		return
	}
	api.answers <- string(body)
	w.WriteHeader(http.StatusAccepted)
}

func (api *runtimeAPI) failed(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	api.fail(fmt.Errorf("the function reports to %s: %s", r.URL.Path, body))
	w.WriteHeader(http.StatusAccepted)
}

func (api *runtimeAPI) fail(err error) {
	select {
	case api.failures <- err:
	default: // one is enough
	}
}
