package lambdaruntime_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// wantHeaders are what every response carries, from the page that the code names.
var wantHeaders = map[string]string{
	"Content-Type":              "application/json",
	"Cache-Control":             "no-store",
	"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
	"X-Content-Type-Options":    "nosniff",
	"Referrer-Policy":           "no-referrer",
	"Content-Security-Policy":   "default-src 'none'; frame-ancestors 'none'",
	"X-Frame-Options":           "DENY",
}

func TestHandle_EveryKindOfResponse_CarriesTheSecurityHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		event  events.APIGatewayV2HTTPRequest
		status int
	}{
		"success":       {events.APIGatewayV2HTTPRequest{RouteKey: "POST /echo", Body: `{"text":"x"}`}, http.StatusOK},
		"large success": {events.APIGatewayV2HTTPRequest{RouteKey: "GET /large", QueryStringParameters: map[string]string{"bytes": "20000"}, Headers: map[string]string{"accept-encoding": "gzip"}}, http.StatusOK},
		"bad request":   {events.APIGatewayV2HTTPRequest{RouteKey: "POST /auth/echo", RawPath: "/auth/echo", Body: `{`}, http.StatusBadRequest},
		"no token":      {events.APIGatewayV2HTTPRequest{RouteKey: "GET /mine"}, http.StatusUnauthorized},
		"no such route": {events.APIGatewayV2HTTPRequest{RouteKey: "GET /nowhere"}, http.StatusNotFound},
		"panic":         {events.APIGatewayV2HTTPRequest{RouteKey: "GET /panic"}, http.StatusInternalServerError},
		"failure":       {events.APIGatewayV2HTTPRequest{RouteKey: "GET /fail"}, http.StatusInternalServerError},
	} {
		response, err := newFixture(t).handle(context.Background(), c.event)
		if err != nil || response.StatusCode != c.status {
			t.Errorf("%s: got %d, %v", name, response.StatusCode, err)
		}
		for header, want := range wantHeaders {
			if got := response.Headers[header]; got != want {
				t.Errorf("%s: %s is %q, not %q", name, header, got, want)
			}
		}
	}
}
