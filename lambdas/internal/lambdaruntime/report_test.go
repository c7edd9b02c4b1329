package lambdaruntime_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// reports returns what waits in the fixture's queue.
func (f *fixture) reports(t *testing.T) (all []function.ErrorReport) {
	t.Helper()
	for _, body := range f.table.queue.Waiting() {
		var report function.ErrorReport
		if err := json.Unmarshal([]byte(body), &report); err != nil {
			t.Fatal(err)
		}
		all = append(all, report)
	}
	return all
}

func TestReport_BackendFailures_AreOnTheQueueOnce(t *testing.T) {
	f := newFixture(t)
	for key, want := range map[string]int{"POST /echo": 422, "GET /nowhere": 404, "GET /mine": 401} {
		if status, _ := f.call(t, key, `{}`, nil); status != want {
			t.Fatalf("%s: got %d", key, status)
		}
	}
	if got := f.reports(t); len(got) != 0 {
		t.Errorf("a failure of the client's was reported: %+v", got)
	}
	for range 3 { // the second and third of a kind within a minute are only logged
		f.call(t, "GET /fail", "", nil)
		f.call(t, "GET /panic", "", nil)
	}
	got := f.reports(t)
	if len(got) != 2 || len(f.table.queue.Calls()) != 2 {
		t.Fatalf("%d reports in %d calls", len(got), len(f.table.queue.Calls()))
	}
	for i, route := range []string{"GET /fail", "GET /panic"} {
		if got[i].Route != route || got[i].Request != "req-1" || got[i].Status != 500 || got[i].Function != "echo" {
			t.Errorf("got %+v", got[i])
		}
	}
	if stack := got[1].Errors[0].Calls; len(stack) == 0 || stack[0].Function != "(*echo).Panic" {
		t.Errorf("the stack is %+v", stack)
	}
	if n := strings.Count(f.log.String(), `"message":"request failed"`); n != 3+2*3 || strings.Contains(f.log.String(), "error report failed") {
		t.Errorf("the log says %s", &f.log)
	}
}

func TestReport_FailedMessages_AreSentInOneCall(t *testing.T) {
	f := newFixture(t)
	_, h, _ := newGuestBookAt(t, f.config(t))
	failed(t, t.Context(), h, events.SQSEvent{Records: []events.SQSMessage{
		message("greeted", "1", `{"Name":""}`), message("greeted", "2", `{"Name":"panic"}`), message("greeted", "3", `no JSON`), message("greeted", "4", `{"Name":""}`),
	}})
	if got := f.reports(t); len(got) != 3 || len(f.table.queue.Calls()) != 1 || got[0].Request != "request-1" {
		t.Errorf("%d calls with %+v", len(f.table.queue.Calls()), got)
	}
}

// Whatever SQS does, the client has the answer it would have without, soon.
func TestReport_QueueFails_IsLogged(t *testing.T) {
	for name, set := range map[string]func(*fixture){
		"refuses": func(f *fixture) { f.table.queue.Refuses = true },
		"hangs":   func(f *fixture) { f.table.queue.Hangs = true },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			set(f)
			begin := time.Now()
			response, err := f.handle(t.Context(), events.APIGatewayV2HTTPRequest{RouteKey: "GET /fail", RawPath: "/fail"})
			if took := time.Since(begin); took > time.Second {
				t.Errorf("it took %s", took)
			}
			if err != nil || response.StatusCode != http.StatusInternalServerError || !strings.Contains(f.log.String(), "error report failed") {
				t.Errorf("got %d, %v, logged %s", response.StatusCode, err, &f.log)
			}
		})
	}
}
