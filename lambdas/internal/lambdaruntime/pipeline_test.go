package lambdaruntime_test

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

var accessToken = map[string]string{"token_use": "access", "sub": "u1", "jti": "t1", "origin_jti": "s1", "iat": "1700000000"}

var signedIn = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
	JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: accessToken},
}

// refused is DynamoDB's answer to a write whose condition does not hold.
func refused(item string) string {
	return `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","Item":` + item + `}`
}

func TestHandle_RevokedToken_IsUnauthorized(t *testing.T) {
	f := newFixture(t)
	f.table.status, f.table.body = http.StatusBadRequest, refused(`{"session#s1":{"N":"1800000000"}}`)
	if status, answer := f.call(t, "GET /mine", "", accessToken); status != http.StatusUnauthorized || answer["error"] == nil {
		t.Errorf("got %d %v", status, answer)
	}
}

func TestHandle_LimitUsedUp_HasRetryAfter(t *testing.T) {
	f := newFixture(t)
	f.table.status, f.table.body = http.StatusBadRequest, refused(`{}`) // refused whatever is tried: the item changes all the time
	for _, key := range []string{"POST /echo", "POST /auth/echo"} {
		_, path, _ := strings.Cut(key, " ")
		response, err := f.handle(context.Background(), events.APIGatewayV2HTTPRequest{RouteKey: key, RawPath: path, Body: `{"text":"x"}`})
		if err != nil || response.StatusCode != http.StatusTooManyRequests || response.Headers["Retry-After"] != "1" {
			t.Errorf("%s: got %d %v, %v", key, response.StatusCode, response.Headers, err)
		}
		var body map[string]any
		if err := json.Unmarshal([]byte(response.Body), &body); err != nil || body["message"] == "" {
			t.Errorf("%s: the body is %s", key, response.Body)
		}
		if _, has := body["error"]; has != (key == "POST /auth/echo") {
			t.Errorf("%s: the body is %s", key, response.Body)
		}
	}
	if f.seen.Text != "" {
		t.Error("a limited request reached the use case")
	}
}

func TestHandle_TableFails_FailsClosedByDefault(t *testing.T) {
	f := newFixture(t)
	f.table.status, f.table.body = http.StatusInternalServerError, `{"__type":"InternalServerError"}`
	for key, want := range map[string]int{"GET /large": 503, "GET /open": 200, "GET /free": 200} {
		if status := f.status(t, key, nil); status != want {
			t.Errorf("%s: got %d, not %d", key, status, want)
		}
	}
	if !strings.Contains(f.log.String(), "failed open") {
		t.Error("the log does not say that a request was served unguarded")
	}
	for _, line := range f.metrics(t) {
		if line["route"] == "GET /open" && line["failedOpen"] != 1.0 {
			t.Errorf("not counted: %v", line)
		}
	}
}

// Without pseudonyms, signed-out clients cannot be counted.
func TestHandle_PseudonymKeyFails_ServesUsersOnly(t *testing.T) {
	f := newFixture(t)
	f.table.noKey = true
	for key, want := range map[string]int{"GET /large": 503, "GET /open": 200, "GET /free": 200} {
		if status := f.status(t, key, nil); status != want {
			t.Errorf("%s: got %d, not %d", key, status, want)
		}
	}
	if status, answer := f.call(t, "GET /mine", "", accessToken); status != http.StatusOK {
		t.Errorf("got %d %v", status, answer)
	}
	f.table.noKey = false
	if status := f.status(t, "GET /large", nil); status != http.StatusOK {
		t.Errorf("KMS is back: got %d", status)
	}
}

func TestHandle_NoSourceIP_IsRefused(t *testing.T) {
	f := newFixture(t)
	event := events.APIGatewayV2HTTPRequest{RouteKey: "GET /large"}
	event.RequestContext.HTTP.SourceIP = "somewhere"
	if response, err := f.handle(t.Context(), event); err != nil || response.StatusCode != http.StatusServiceUnavailable || f.table.writes != 0 {
		t.Errorf("got %d, %v", response.StatusCode, err)
	}
}

func TestHandle_GuardedRoute_TakesOneWrite(t *testing.T) {
	for key, want := range map[string]int{"GET /mine": 1, "GET /large": 1, "GET /free": 0, "GET /nowhere": 0} {
		f := newFixture(t)
		event := events.APIGatewayV2HTTPRequest{RouteKey: key}
		event.RequestContext.Authorizer = signedIn
		if _, err := f.handle(context.Background(), event); err != nil {
			t.Fatal(err)
		}
		if f.table.writes != want {
			t.Errorf("%s: %d writes, not %d", key, f.table.writes, want)
		}
	}
}

func TestHandle_PathAndQuery_AreDecoded(t *testing.T) {
	f := newFixture(t)
	event := events.APIGatewayV2HTTPRequest{
		RouteKey: "POST /things/{id}", RawPath: "/things/7", Body: `{"text":"hello","id":"8"}`,
		PathParameters:        map[string]string{"id": "7"},
		QueryStringParameters: map[string]string{"limit": "20", "all": "true"},
	}
	event.RequestContext.Authorizer = signedIn
	status, answer := f.send(t, event)
	if status != 200 || answer["id"] != "7" || answer["limit"] != 20.0 || answer["all"] != true || answer["text"] != "hello" {
		t.Errorf("got %d %v", status, answer)
	}
	for _, limit := range []string{"many", "101"} {
		event.QueryStringParameters["limit"] = limit
		if status, answer := f.send(t, event); status != 422 {
			t.Errorf("a limit of %q: got %d %v", limit, status, answer)
		}
	}
	delete(event.QueryStringParameters, "limit")
	for _, id := range []string{"\xff", "\ufffd"} {
		event.PathParameters["id"] = id
		if status, answer := f.send(t, event); status != 422 || answer["code"] != "INVALID_TEXT" {
			t.Errorf("the id %q: got %d %v", id, status, answer)
		}
	}
}

func TestHandle_UseCaseTimesOut_RespondsBeforeLambdaEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a machine that is busy decides nothing
		f := &fixture{}
		f.start(t, nowhere, lambdaruntime.NewTelemetry(&f.log, "echo", "INFO", nil))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		response, err := f.handle(ctx, events.APIGatewayV2HTTPRequest{RouteKey: "GET /slow", RawPath: "/slow"})
		if err != nil || response.StatusCode != http.StatusServiceUnavailable || ctx.Err() != nil {
			t.Errorf("got %d, %v; the invocation's context says %v", response.StatusCode, err, ctx.Err())
		}
	})
}

func (f *fixture) status(t *testing.T, key string, query map[string]string) int {
	t.Helper()
	return f.answer(t, key, query, "").StatusCode
}

func (f *fixture) answer(t *testing.T, key string, query map[string]string, encoding string) events.APIGatewayV2HTTPResponse {
	t.Helper()
	_, path, _ := strings.Cut(key, " ")
	response, err := f.handle(context.Background(), events.APIGatewayV2HTTPRequest{
		RouteKey: key, RawPath: path, QueryStringParameters: query, Headers: map[string]string{"accept-encoding": encoding},
	})
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestHandle_LargeResponse_IsCompressedOnRequest(t *testing.T) {
	f := newFixture(t)
	large := map[string]string{"bytes": "100000"}
	if plain := f.answer(t, "GET /large", large, ""); plain.IsBase64Encoded || len(plain.Body) != 100002 {
		t.Errorf("without Accept-Encoding: %v, %d bytes", plain.Headers, len(plain.Body))
	}
	if small := f.answer(t, "GET /large", map[string]string{"bytes": "10"}, "gzip"); small.IsBase64Encoded {
		t.Error("a small answer is compressed")
	}
	packed := f.answer(t, "GET /large", large, "br, gzip")
	if !packed.IsBase64Encoded || packed.Headers["Content-Encoding"] != "gzip" {
		t.Fatalf("the headers are %v", packed.Headers)
	}
	reader, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(packed.Body)))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(reader); err != nil || len(text) != 100002 {
		t.Errorf("unpacked %d bytes, %v", len(text), err)
	}
}

func TestHandle_ResponseTooLarge_IsError(t *testing.T) {
	f := newFixture(t)
	response := f.answer(t, "GET /large", map[string]string{"bytes": "6300000"}, "")
	if response.StatusCode != 422 || !strings.Contains(response.Body, "ANSWER_TOO_LARGE") {
		t.Errorf("got %d, %d bytes", response.StatusCode, len(response.Body))
	}
}
