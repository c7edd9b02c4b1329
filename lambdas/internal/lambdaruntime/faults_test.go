package lambdaruntime_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// What a service behind us does wrong passes by itself, and the client is told
// so; what we do wrong does not.
func TestHandle_ServiceFails_IsUnavailable(t *testing.T) {
	for name, tc := range map[string]struct {
		status, want int
		body         string
	}{
		"throttled":          {400, 503, `{"__type":"ProvisionedThroughputExceededException"}`},
		"a limit of account": {400, 503, `{"__type":"RequestLimitExceeded"}`},
		"a failure":          {500, 503, `{"__type":"InternalServerError"}`},
		"no answer":          {0, 503, ``},
		"garbage":            {200, 500, `<html>`},
		"access denied":      {400, 500, `{"__type":"AccessDeniedException","message":"secret detail"}`},
		"a bad request":      {400, 500, `{"__type":"ValidationException"}`},
	} {
		f := newFixture(t)
		f.table.status, f.table.body = tc.status, tc.body
		response, err := f.handle(t.Context(), events.APIGatewayV2HTTPRequest{RouteKey: "GET /call", RawPath: "/call"})
		if err != nil || response.StatusCode != tc.want || strings.Contains(response.Body, "detail") {
			t.Errorf("%s: got %d %s, %v", name, response.StatusCode, response.Body, err)
		}
		again := ""
		if tc.want == http.StatusServiceUnavailable {
			again = "1"
		}
		if response.Headers["Retry-After"] != again {
			t.Errorf("%s: the headers are %v", name, response.Headers)
		}
	}
}
