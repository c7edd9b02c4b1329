package tracing_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/tracing"
)

const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0"

type span struct {
	TraceID, SpanID, ParentSpanID, Name string
	Kind                                int
	StartTimeUnixNano, EndTimeUnixNano  string
	Attributes                          []struct{ Key string }
	Status                              struct {
		Code    int
		Message string
	}
}

// collector is an OTLP endpoint that keeps what it is sent.
type collector struct {
	*httptest.Server
	bodies []string
	status int
}

func newCollector(t *testing.T) *collector {
	c := &collector{status: http.StatusOK}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %s with %s", r.URL.Path, r.Header.Get("Content-Type"))
		}
		c.bodies = append(c.bodies, string(body))
		w.WriteHeader(c.status)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) spans(t *testing.T) map[string]span {
	t.Helper()
	got := map[string]span{}
	for _, body := range c.bodies {
		var export struct {
			ResourceSpans []struct{ ScopeSpans []struct{ Spans []span } }
		}
		if err := json.Unmarshal([]byte(body), &export); err != nil {
			t.Fatal(err)
		}
		for _, s := range export.ResourceSpans[0].ScopeSpans[0].Spans {
			got[s.Name] = s
		}
	}
	return got
}

func mustTracer(t *testing.T, endpoint string) *tracing.Tracer {
	t.Helper()
	tracer, err := tracing.New(endpoint, "auth-login", aws.Config{Region: "eu-west-2"})
	if err != nil {
		t.Fatal(err)
	}
	return tracer
}

func invoked(t *testing.T, header string) context.Context {
	return context.WithValue(t.Context(), "x-amzn-trace-id", header) //lint:ignore SA1029 aws-lambda-go's own key
}

func TestTracer_Spans_AreBelowLambdaSegment(t *testing.T) {
	aTable := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"__type":"ValidationException","message":"canary@example.com"}`)
	}))
	defer aTable.Close()
	c := newCollector(t)
	tracer := mustTracer(t, c.URL)
	config := aws.Config{Region: "eu-west-2", BaseEndpoint: &aTable.URL, Credentials: aws.AnonymousCredentials{}}
	tracer.Instrument(&config)
	outside := http.Client{Transport: tracer.RoundTripper(http.DefaultTransport)}

	ctx, end := tracer.Invocation(invoked(t, header), "auth-login")
	if _, err := dynamodb.NewFromConfig(config).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("users")}); err == nil {
		t.Fatal("the table answered")
	}
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, aTable.URL+"/people?email=canary@example.com", nil)
	response, err := outside.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if err := end(errors.New("no canary@example.com")); err != nil {
		t.Fatal(err)
	}

	got := c.spans(t)
	invocation, call, get := got["auth-login"], got["DynamoDB.DescribeTable"], got["GET 127.0.0.1"]
	if len(got) != 3 || invocation.TraceID != "5759e988bd862e3fe1be46a994272793" || invocation.ParentSpanID != "53995c3f42cd8ad8" {
		t.Fatalf("got %v", got)
	}
	if invocation.Kind != 2 || invocation.Status.Code != 2 || invocation.StartTimeUnixNano == "" || invocation.EndTimeUnixNano < invocation.StartTimeUnixNano {
		t.Errorf("the invocation is %+v", invocation)
	}
	for _, s := range []span{call, get} {
		if s.ParentSpanID != invocation.SpanID || s.TraceID != invocation.TraceID || s.Kind != 3 || len(s.Attributes) != 3 {
			t.Errorf("the call is %+v", s)
		}
	}
	if call.Status.Code != 2 || get.Status.Code != 0 {
		t.Errorf("the calls ended with %v and %v", call.Status, get.Status)
	}
	if body := c.bodies[0]; strings.Contains(body, "canary") || strings.Contains(body, "people") {
		t.Errorf("what is a person's is in %s", body)
	}
}

func TestTracer_NotTracedByLambda_SendsNothing(t *testing.T) {
	for _, header := range []string{
		"", strings.Replace(header, "Sampled=1", "Sampled=0", 1), strings.Replace(header, "1-5759", "2-5759", 1),
		strings.Replace(header, "bd862e", "gggggg", 1), "Root=1-5759e988;Sampled=1", ";;=;Root",
	} {
		c := newCollector(t)
		_, end := mustTracer(t, c.URL).Invocation(invoked(t, header), "x")
		if err := end(nil); err != nil || len(c.bodies) != 0 {
			t.Errorf("%q: %v, sent %v", header, err, c.bodies)
		}
	}
}

func TestTracer_SendFails_ReportsAndDropsSpans(t *testing.T) {
	c := newCollector(t)
	c.status = http.StatusForbidden
	tracer := mustTracer(t, c.URL)
	_, end := tracer.Invocation(invoked(t, header), "first")
	if err := end(nil); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("got %v", err)
	}
	c.status, c.bodies = http.StatusOK, nil
	_, end = tracer.Invocation(invoked(t, header), "second")
	if err := end(nil); err != nil || len(c.spans(t)) != 1 {
		t.Errorf("%v: got %v", err, c.spans(t))
	}
}

func TestTracer_EndpointHangs_TimesOut(t *testing.T) {
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hanging.Close()
	defer close(release)
	_, end := mustTracer(t, hanging.URL).Invocation(invoked(t, header), "x")
	if err := end(nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestTracer_NoEndpoint_TracesNothing(t *testing.T) {
	tracer := mustTracer(t, "")
	ctx := invoked(t, header)
	config := aws.Config{}
	tracer.Instrument(&config)
	same, end := tracer.Invocation(ctx, "x")
	if tracer != nil || same != ctx || end(nil) != nil || config.APIOptions != nil || tracer.RoundTripper(http.DefaultTransport) != http.DefaultTransport {
		t.Error("something is traced")
	}
	if allocations := testing.AllocsPerRun(10, func() { _, end := tracer.Invocation(ctx, "x"); _ = end(nil) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
	if _, err := tracing.New("xray", "x", config); err == nil {
		t.Error("an endpoint that is no URL was taken")
	}
}

type sender func(*http.Request) (*http.Response, error)

func (s sender) RoundTrip(r *http.Request) (*http.Response, error) { return s(r) }

func TestSigner_SignsBody(t *testing.T) {
	signatures := map[string]bool{}
	config := aws.Config{Region: "eu-west-2", Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "none", SessionToken: "session"}, nil
	})}
	for _, body := range []string{"one", "two", "two"} {
		signer := tracing.NewSigner(sender(func(r *http.Request) (*http.Response, error) {
			sent, _ := io.ReadAll(r.Body)
			authorization := r.Header.Get("Authorization")
			if string(sent) != body || !strings.HasPrefix(authorization, "AWS4-HMAC-SHA256 Credential=id/20260102/eu-west-2/xray/aws4_request") || r.Header.Get("X-Amz-Security-Token") != "session" {
				t.Errorf("sent %q with %v", sent, r.Header)
			}
			signatures[authorization] = true
			return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
		}), config, "xray", func() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) })
		request, _ := http.NewRequest(http.MethodPost, "https://xray.eu-west-2.amazonaws.com/v1/traces", strings.NewReader(body))
		if _, err := signer.RoundTrip(request); err != nil || request.Header.Get("Authorization") != "" {
			t.Errorf("%v: the caller's request has %v", err, request.Header)
		}
	}
	if len(signatures) != 2 {
		t.Errorf("%d signatures of two bodies", len(signatures))
	}
}
