package lambdaruntime_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/sentry"
)

// atSentry returns a fixture whose secret has the DSN of a fake.
func atSentry(t *testing.T) (*fixture, *sentry.Fake) {
	t.Helper()
	t.Cleanup(external.ResetBreakers)
	fake := sentry.New("0123456789abcdef0123456789abcdef")
	server := httptest.NewServer(fake.Handler())
	t.Cleanup(server.Close)
	f := newFixture(t)
	f.table.dsn = fake.DSN(server.URL)
	return f, fake
}

func TestReport_BackendFailures_AreReportedOnce(t *testing.T) {
	f, fake := atSentry(t)
	for key, want := range map[string]int{"POST /echo": 422, "GET /nowhere": 404, "GET /mine": 401} {
		if status, _ := f.call(t, key, `{}`, nil); status != want {
			t.Fatalf("%s: got %d", key, status)
		}
	}
	if got := fake.Events(); len(got) != 0 {
		t.Errorf("a failure of the client's was reported: %s", got[0].Payload)
	}
	f.call(t, "GET /fail", "", nil)
	f.call(t, "GET /panic", "", nil)
	arrived := fake.Events()
	if len(arrived) != 2 {
		t.Fatalf("%d reports", len(arrived))
	}
	for i, want := range []string{`"route":"GET /fail"`, `"route":"GET /panic"`} {
		if text := string(arrived[i].Payload); !strings.Contains(text, want) || !strings.Contains(text, `"requestId":"req-1"`) {
			t.Errorf("got %s", text)
		}
	}
	if text := string(arrived[1].Payload); !strings.Contains(text, "(*echo).Panic") && !strings.Contains(text, "Panic") {
		t.Errorf("the stack is missing in %s", text)
	}
	if strings.Contains(f.log.String(), "not reported") {
		t.Errorf("the log says %s", &f.log)
	}
}

func TestReport_SentryAsksForPause_OutlivesRequest(t *testing.T) {
	f, fake := atSentry(t)
	fake.Set(fakes.Throttled)
	for range 3 {
		f.call(t, "GET /fail", "", nil)
	}
	if fake.Requests() != 1 {
		t.Errorf("%d reports after Sentry asked for none", fake.Requests()-1)
	}
}

// Whatever Sentry does, the client has the answer it would have without.
func TestReport_Failure_IsLogged(t *testing.T) {
	for name, fault := range map[string]fakes.Fault{"refuses": fakes.ServerError, "hangs": fakes.Hanging} {
		f, fake := atSentry(t)
		fake.Set(fault)
		response, err := f.handle(t.Context(), events.APIGatewayV2HTTPRequest{RouteKey: "GET /fail", RawPath: "/fail"})
		if err != nil || response.StatusCode != http.StatusInternalServerError || !strings.Contains(f.log.String(), "error report failed") {
			t.Errorf("%s: got %d, %v, logged %s", name, response.StatusCode, err, &f.log)
		}
		external.ResetBreakers()
	}
}
