package lambdaruntime_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

type echo struct {
	seen *note
	db   *dynamodb.Client
}

type note struct {
	Text  string  `json:"text" validate:"required,max=10"`
	Notes []entry `json:"notes,omitempty" validate:"dive"`
}

type entry struct {
	Text string `json:"text" validate:"required"`
}

func (e *echo) Public(_ context.Context, in note) (note, error) {
	*e.seen = in
	return in, nil
}

func (e *echo) Mine(_ context.Context, caller function.Caller, _ function.NoInput) (map[string]string, error) {
	return map[string]string{"user": caller.UserID, "session": caller.SessionID}, nil
}

func (e *echo) Fail(context.Context, function.NoInput) (any, error) {
	return nil, errors.New("table Users: secret detail")
}

// Call calls DynamoDB, which is the fixture's table.
func (e *echo) Call(ctx context.Context, _ function.NoInput) (any, error) {
	_, err := e.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("t"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "1"}}})
	return nil, err
}

func (e *echo) Panic(context.Context, function.NoInput) (any, error) { panic("secret detail") }

func (e *echo) Find(_ context.Context, _ function.Caller, in search) (search, error) { return in, nil }

func (e *echo) Slow(ctx context.Context, _ function.NoInput) (any, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (e *echo) Large(_ context.Context, in size) (string, error) {
	return strings.Repeat("a", in.Bytes), nil
}

func (e *echo) Origin(ctx context.Context, _ function.NoInput) (function.Request, error) {
	return function.RequestOf(ctx), nil
}

type search struct {
	ID    string `path:"id" json:"id"`
	Limit int    `query:"limit" json:"limit" validate:"max=100"`
	All   bool   `query:"all" json:"all"`
	Text  string `json:"text"`
}

type size struct {
	Bytes int `query:"bytes"`
}

// table is a RateLimits table of which tests decide what it answers; every
// request takes one write.
type table struct {
	status int
	body   string
	writes int
	queue  awsfake.Queue // of the error reports
	noKey  bool          // KMS refuses
	stage  string        // what a write to the stage's budgets is refused with; "" when it is not
}

func (d *table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.") {
		d.queue.ServeHTTP(w, r)
		return
	}
	if r.Header.Get("X-Amz-Target") == "TrentService.GenerateMac" {
		d.serveMac(w)
		return
	}
	d.writes++
	if written, _ := io.ReadAll(r.Body); d.stage != "" && bytes.Contains(written, []byte(`"S":"stage"`)) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(d.stage))
		return
	}
	if d.status == 0 { // no answer: the connection ends
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(d.status)
	_, _ = w.Write([]byte(d.body))
}

// serveMac answers as KMS does, which makes the key of pseudonyms.
func (d *table) serveMac(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if d.noKey {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"__type":"KMSInternalException"}`))
		return
	}
	_ = json.NewEncoder(w).Encode(map[string][]byte{"Mac": make([]byte, 32)})
}

type fixture struct {
	handler *lambdaruntime.Handler
	table   table
	seen    note
	log     bytes.Buffer
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{table: table{status: http.StatusOK, body: `{}`}}
	f.start(t, f.config(t), lambdaruntime.NewTelemetry(&f.log, "echo", "INFO", nil))
	return f
}

// config returns the configuration of clients of the fixture's table.
func (f *fixture) config(t *testing.T) aws.Config {
	t.Helper()
	server := httptest.NewServer(&f.table)
	t.Cleanup(server.Close)
	return aws.Config{
		Region: "eu-west-2", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
}

// start makes the handler.
func (f *fixture) start(t *testing.T, config aws.Config, says lambdaruntime.Telemetry) {
	t.Helper()
	declared := function.Define(function.Spec[*echo]{
		Name: "echo", Purpose: "Echoes.",
		New: func(resources *function.Resources) (*echo, error) {
			return &echo{seen: &f.seen, db: dynamodb.NewFromConfig(resources.AWS)}, nil
		},
		Routes: []function.RouteOf[*echo]{
			function.Public("POST /auth/echo", (*echo).Public),
			function.Public("POST /echo", (*echo).Public),
			function.SignedIn("GET /mine", (*echo).Mine),
			function.Public("GET /fail", (*echo).Fail),
			function.Public("GET /panic", (*echo).Panic),
			function.Public("GET /call", (*echo).Call, function.Unlimited()),
			function.Public("GET /slow", (*echo).Slow, function.Unlimited()),
			function.Public("GET /large", (*echo).Large),
			function.Public("GET /open", (*echo).Large, function.FailOpen()),
			function.Public("GET /free", (*echo).Large, function.Unlimited()),
			function.SignedIn("POST /things/{id}", (*echo).Find),
			function.Public("GET /origin", (*echo).Origin),
		},
	})
	resources := function.NewResources(config, func(name string) (string, bool) { return name, !strings.HasSuffix(name, "_SECRET_ARN") })
	handler, err := lambdaruntime.NewHandler(declared, resources, says)
	if err != nil {
		t.Fatal(err)
	}
	f.handler = handler
}

// handle sends the event from an address, unless it has one.
func (f *fixture) handle(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	if event.RequestContext.HTTP.SourceIP == "" {
		event.RequestContext.HTTP.SourceIP = "192.0.2.1"
	}
	return f.handler.Handle(ctx, event)
}

func (f *fixture) call(t *testing.T, key, body string, claims map[string]string) (int, map[string]any) {
	t.Helper()
	_, path, _ := strings.Cut(key, " ")
	event := events.APIGatewayV2HTTPRequest{RouteKey: key, RawPath: path, Body: body}
	event.RequestContext.RequestID = "req-1"
	if claims != nil {
		event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims},
		}
	}
	return f.send(t, event)
}

func (f *fixture) send(t *testing.T, event events.APIGatewayV2HTTPRequest) (int, map[string]any) {
	t.Helper()
	response, err := f.handle(context.Background(), event)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal([]byte(response.Body), &answer); err != nil {
		t.Fatalf("body %q: %v", response.Body, err)
	}
	return response.StatusCode, answer
}

func TestHandle_Request_IsDecodedAndValidated(t *testing.T) {
	f := newFixture(t)
	status, answer := f.call(t, "POST /echo", `{"text":"hello","unknown":{"is":"dropped"}}`, nil)
	if status != 200 || answer["text"] != "hello" || f.seen.Text != "hello" {
		t.Errorf("got %d %v", status, answer)
	}
}

func TestDecode_Base64Body_IsDecoded(t *testing.T) {
	f := newFixture(t)
	event := events.APIGatewayV2HTTPRequest{RouteKey: "POST /echo", RawPath: "/echo", IsBase64Encoded: true}
	event.Body = base64.StdEncoding.EncodeToString([]byte(`{"text":"hello"}`))
	if status, _ := f.send(t, event); status != 200 {
		t.Errorf("got %d", status)
	}
}

func TestHandle_InvalidInput_DoesNotRunUseCase(t *testing.T) {
	for name, body := range map[string]string{
		"malformed JSON":                         `{"text":`,
		"not an object":                          `["text"]`,
		"wrong type":                             `{"text":5}`,
		"missing field":                          `{}`,
		"no body":                                ``,
		"rule broken":                            `{"text":"more than ten characters"}`,
		"not UTF-8":                              "{\"text\":\"\xff\"}",
		"not UTF-8, as API Gateway passes it on": "{\"text\":\"\ufffd\"}",
		"half a character":                       `{"text":"\ud83d"}`,
		"nested deeply":                          `{"text":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
		"one megabyte":                           `{"text":"` + strings.Repeat("a", 1<<20) + `"}`,
	} {
		f := newFixture(t)
		if status, answer := f.call(t, "POST /auth/echo", body, nil); status != 400 || answer["error"] != "InvalidParameterException" || answer["message"] == "" {
			t.Errorf("%s below /auth/: got %d %v", name, status, answer)
		}
		if status, answer := f.call(t, "POST /echo", body, nil); status != 422 || answer["error"] != nil || answer["code"] == "" {
			t.Errorf("%s elsewhere: got %d %v", name, status, answer)
		}
		if f.seen.Text != "" {
			t.Errorf("%s reached the use case", name)
		}
	}
}

// The message for a value of the wrong type names the JSON type. Clients must not see
// the names of Go types.
func TestDecode_WrongType_NamesJSONType(t *testing.T) {
	for body, want := range map[string]string{
		`{"text":5}`: "text must be a string",
		`["text"]`:   "the body must be an object",
		`5`:          "the body must be an object",
	} {
		if status, answer := newFixture(t).call(t, "POST /echo", body, nil); status != 422 || answer["details"] != want {
			t.Errorf("%s: got %d %v", body, status, answer)
		}
	}
}

// What is wrong with a request is told, and not as often as it is.
func TestHandle_ManyProblems_GiveShortResponse(t *testing.T) {
	body := `{"text":"x","notes":[` + strings.Repeat("{},", 10_000) + `{}]}`
	status, answer := newFixture(t).call(t, "POST /echo", body, nil)
	if text := stringify(answer); status != 422 || !strings.Contains(text, "enter the text") || len(text) > 2000 {
		t.Errorf("got %d, %d bytes: %.200s", status, len(text), text)
	}
}

func TestAuthenticate_SignedInRoute_NeedsAccessToken(t *testing.T) {
	f := newFixture(t)
	for name, claims := range map[string]map[string]string{
		"no claims":  nil,
		"ID token":   {"token_use": "id", "sub": "u1"},
		"no subject": {"token_use": "access", "iat": "1700000000"},
		"no time":    {"token_use": "access", "sub": "u1"},
	} {
		if status, _ := f.call(t, "GET /mine", "", claims); status != 401 {
			t.Errorf("%s: got %d", name, status)
		}
	}
	claims := map[string]string{"token_use": "access", "sub": "u1", "origin_jti": "s1", "iat": "1700000000"}
	if status, answer := f.call(t, "GET /mine", "", claims); status != 200 || answer["user"] != "u1" || answer["session"] != "s1" {
		t.Errorf("got %d %v", status, answer)
	}
}

func TestAuthenticate_PublicRoute_IgnoresToken(t *testing.T) {
	f := newFixture(t)
	event := events.APIGatewayV2HTTPRequest{RouteKey: "POST /echo", RawPath: "/echo", Body: `{"text":"hello"}`}
	event.Headers = map[string]string{"authorization": "Bearer stale"}
	if status, _ := f.send(t, event); status != 200 {
		t.Errorf("got %d", status)
	}
}

func TestHandle_InternalError_IsLoggedOnly(t *testing.T) {
	for _, key := range []string{"GET /fail", "GET /panic"} {
		f := newFixture(t)
		status, answer := f.call(t, key, "", nil)
		if status != 500 || strings.Contains(strings.ToLower(stringify(answer)), "secret") {
			t.Errorf("%s: got %d %v", key, status, answer)
		}
		if log := f.log.String(); !strings.Contains(log, "secret detail") || !strings.Contains(log, "req-1") {
			t.Errorf("%s: the log lacks the detail: %s", key, log)
		}
	}
}

func TestHandle_UnknownRoute_IsNotFound(t *testing.T) {
	if status, answer := newFixture(t).call(t, "GET /nowhere", "", nil); status != 404 || answer["requestId"] != "req-1" {
		t.Errorf("got %d %v", status, answer)
	}
}

func stringify(v any) string { text, _ := json.Marshal(v); return string(text) }
