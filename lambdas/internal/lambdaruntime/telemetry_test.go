package lambdaruntime_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

// metrics returns the lines of the log that CloudWatch takes for metrics.
func (f *fixture) metrics(t *testing.T) []map[string]any {
	t.Helper()
	var found []map[string]any
	for text := range strings.Lines(f.log.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("a line of the log is no JSON: %s", text)
		}
		if line["_aws"] != nil {
			found = append(found, line)
		}
	}
	return found
}

func TestHandle_Request_WritesMetrics(t *testing.T) {
	for name, tc := range map[string]struct {
		body         string
		status       int
		present, not []string
	}{
		"served":  {`{"text":"hello"}`, 200, []string{"guardDuration", "decodeDuration", "useCaseDuration", "encodeDuration"}, []string{"limited"}},
		"invalid": {`{}`, 422, []string{"guardDuration", "decodeDuration"}, []string{"useCaseDuration", "limited"}},
		"limited": {`{"text":"hello"}`, 429, []string{"guardDuration", "limited"}, []string{"decodeDuration"}},
	} {
		f := newFixture(t)
		if tc.status == 429 {
			f.table.status, f.table.body = http.StatusBadRequest, refused(`{}`)
		}
		if status, _ := f.call(t, "POST /echo", tc.body, nil); status != tc.status {
			t.Fatalf("%s: got %d", name, status)
		}
		lines := f.metrics(t)
		if len(lines) != 1 || lines[0]["route"] != "POST /echo" || lines[0]["requestId"] != "req-1" {
			t.Fatalf("%s: got %v", name, lines)
		}
		for _, metric := range tc.present {
			if lines[0][metric] == nil {
				t.Errorf("%s: %s is missing", name, metric)
			}
		}
		for _, metric := range tc.not {
			if lines[0][metric] != nil {
				t.Errorf("%s: %s is there", name, metric)
			}
		}
	}
}

// Prod logs from WARN on: what it refuses is told by these lines alone.
func TestRefusedRequest_QuietLog_LeavesOneLineWithoutItsContent(t *testing.T) {
	for name, tc := range map[string]struct {
		key, body string
		status    int
		code      string
		limited   bool
	}{
		"invalid":      {"POST /auth/echo", `{"text":"ada@example.com is too long"}`, 400, "InvalidParameterException", false},
		"no JSON":      {"POST /echo", `{"text":ada}`, 422, "INVALID_JSON", false},
		"no token":     {"GET /mine", "", 401, "UNAUTHORIZED", false},
		"limited":      {"POST /auth/echo", `{"text":"ada"}`, 429, "RATE_LIMITED", true},
		"served":       {"POST /auth/echo", `{"text":"ada"}`, 200, "", false},
		"no such path": {"$default", "", 404, "", false},
	} {
		f := &fixture{table: table{status: http.StatusOK, body: `{}`}}
		f.start(t, f.config(t), lambdaruntime.NewTelemetry(&f.log, "echo", "WARN", nil))
		if tc.limited {
			f.table.status, f.table.body = http.StatusBadRequest, refused(`{}`)
		}
		if status, _ := f.call(t, tc.key, tc.body, nil); status != tc.status {
			t.Fatalf("%s: got %d", name, status)
		}
		var lines []map[string]any
		for text := range strings.Lines(f.log.String()) {
			var line map[string]any
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatal(err)
			}
			if line["message"] != nil {
				lines = append(lines, line)
			}
			if strings.Contains(text, "ada") {
				t.Errorf("%s: the log holds what was sent: %s", name, text)
			}
		}
		if tc.code == "" {
			if len(lines) != 0 {
				t.Errorf("%s: got %v", name, lines)
			}
			continue
		}
		if len(lines) != 1 || lines[0]["message"] != "request refused" || lines[0]["status"] != float64(tc.status) || lines[0]["code"] != tc.code ||
			lines[0]["route"] != tc.key || lines[0]["requestId"] != "req-1" || lines[0]["function"] != "echo" || lines[0]["level"] != "WARN" {
			t.Errorf("%s: got %v", name, lines)
		}
		if counted := strings.Contains(f.log.String(), `"limited":1`); counted != tc.limited {
			t.Errorf("%s: counted as limited: %v", name, counted)
		}
	}
}

func TestHandle_ServiceCalled_WritesBreakerMetric(t *testing.T) {
	t.Cleanup(external.ResetBreakers)
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	defer down.Close()
	client, err := external.New(external.Service{Name: "elsewhere", BaseURL: down.URL, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if client.Call(t.Context(), external.Call{}, nil) == nil {
			t.Fatal("the service answered")
		}
	}
	f := newFixture(t)
	f.call(t, "POST /echo", `{"text":"hello"}`, nil)
	for _, line := range f.metrics(t) {
		if line["dependency"] == "elsewhere" && line["breakerOpen"] == 1.0 {
			return
		}
	}
	t.Errorf("the open breaker is not in %v", f.metrics(t))
}

func TestHandle_UseCase_GetsRequestOrigin(t *testing.T) {
	f := newFixture(t)
	event := events.APIGatewayV2HTTPRequest{RouteKey: "GET /origin", RawPath: "/origin", Headers: map[string]string{"x-forwarded-for": "203.0.113.66"}}
	event.RequestContext.HTTP.SourceIP, event.RequestContext.HTTP.UserAgent, event.RequestContext.RequestID = "192.0.2.1", "Expenzez/1.8", "req-2"
	if status, answer := f.send(t, event); status != 200 || answer["SourceIP"] != "192.0.2.1" || answer["UserAgent"] != "Expenzez/1.8" || answer["ID"] != "req-2" {
		t.Errorf("got %d %v", status, answer)
	}
}
