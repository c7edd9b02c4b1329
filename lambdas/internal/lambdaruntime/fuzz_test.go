package lambdaruntime

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// fuzzed returns a handler whose guard is open.
func fuzzed(f *testing.F) *Handler {
	f.Helper()
	declared := function.Define(function.Spec[noop]{
		Name: "fuzz", Purpose: "Takes anything.",
		New:    func(*function.Resources) (noop, error) { return noop{}, nil },
		Routes: []function.RouteOf[noop]{function.SignedIn("PUT /goals/{id}", noop.Save)},
		Events: []function.EventOf[noop]{function.OnUserPoolTrigger(function.DefineAuthChallenge, noop.Define)},
	})
	nowhere := aws.Config{Region: "eu-west-2", BaseEndpoint: aws.String("http://127.0.0.1:1"), Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1}
	resources := function.NewResources(nowhere, func(name string) (string, bool) { return name, !strings.HasSuffix(name, "_SECRET_ARN") })
	h, err := NewHandler(declared, resources, NewTelemetry(io.Discard, "fuzz", "INFO", nil))
	if err != nil {
		f.Fatal(err)
	}
	h.guard = open{}
	return h
}

// FuzzDecode holds the decoder to its word: a body is read, or refused with an
// error for the client.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		goalBody, ``, `null`, `[]`, `{"title":1}`, `{"title":"a","title":"b"}`, `{"Title":"x"}`, "{\"title\":\"\xff\"}", `{"targetAmount":1e999}`,
		`{"title":"` + strings.Repeat("\\u0000", 20) + `"}`, strings.Repeat("[", 40), `{"title":"\ud800"}`, `{"a":` + strings.Repeat(`{"a":`, 40) + `1` + strings.Repeat(`}`, 41),
	} {
		f.Add(body, false)
		f.Add(body, true)
	}
	h := fuzzed(f)
	r := h.routes["PUT /goals/{id}"]
	f.Fuzz(func(t *testing.T, body string, encoded bool) {
		event := &events.APIGatewayV2HTTPRequest{RawPath: "/goals/g", Body: body, IsBase64Encoded: encoded, PathParameters: map[string]string{"id": "g"}}
		request, err := h.readRequest(event, r)
		if err != nil {
			if failure := clientError(event, err); failure.Status != 422 || failure.Message == "" {
				t.Errorf("refused with %v", err)
			}
			return
		}
		if in := request.(*goal); !utf8.ValidString(in.Title) || in.Title == "" || len([]rune(in.Title)) > 200 || in.TargetAmount <= 0 || in.ID != "g" {
			t.Errorf("took %q as %+v", body, in)
		}
	})
}

// FuzzPipeline hands the handler what Lambda might: it answers with JSON, or says
// that this is no event of its own.
func FuzzPipeline(f *testing.F) {
	f.Add([]byte(`{"version":"2.0","routeKey":"PUT /goals/{id}","rawPath":"/goals/g","pathParameters":{"id":"g"},"body":"{}","requestContext":{"authorizer":{"jwt":{"claims":{"token_use":"access","sub":"u","iat":"1"}}}}}`))
	f.Add([]byte(`{"routeKey":"$default","rawPath":"/auth/x","headers":{"accept-encoding":"gzip"}}`))
	f.Add([]byte(`{"triggerSource":"DefineAuthChallenge_Authentication","request":{"session":[{"challengeName":"CUSTOM_CHALLENGE"}]}}`))
	f.Add([]byte(`{"schedule":"schedule"}`))
	f.Add([]byte(`{"triggerSource":5}`))
	f.Add([]byte(`null`))
	h := fuzzed(f)
	f.Fuzz(func(t *testing.T, payload []byte) {
		answer, err := h.Invoke(t.Context(), payload)
		if err == nil && !json.Valid(answer) {
			t.Errorf("answered %q", answer)
		}
		var response events.APIGatewayV2HTTPResponse
		if err == nil && json.Unmarshal(answer, &response) == nil && response.StatusCode >= 500 {
			t.Errorf("answered %s", answer)
		}
	})
}
