package tracing

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/expenzez/infrastructure/lambdas/internal/connections"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// FlushTimeout is the longest that sending spans may hold an invocation up. Lambda
// freezes the environment after it: what is not sent by then is dropped.
const FlushTimeout = 200 * time.Millisecond

// Tracer makes spans. It is safe for concurrent use; nil traces nothing.
type Tracer struct {
	tracer trace.Tracer
	spans  *spans
	export *exporter
}

// New returns the tracer of a function that sends to an OTLP endpoint, as
// OTEL_EXPORTER_OTLP_ENDPOINT gives it: a base URL, to which /v1/traces is
// added. Requests to X-Ray's own, https://xray.<region>.amazonaws.com, are
// signed with the configuration's credentials. An empty endpoint gives nil. The
// error says that the endpoint is no URL.
func New(endpoint, function string, config aws.Config) (*Tracer, error) {
	if endpoint == "" {
		return nil, nil
	}
	target, err := url.Parse(endpoint)
	if err != nil || target.Host == "" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT is %q: want a URL such as https://xray.eu-west-2.amazonaws.com", endpoint)
	}
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.DialTLSContext = connections.DialTLS
	var transport http.RoundTripper = base
	if target.Host == "xray."+config.Region+".amazonaws.com" {
		transport = NewSigner(transport, config, "xray", time.Now)
	}
	collected := &spans{}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(collected),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.NeverSample())), // Lambda decides
	)
	return &Tracer{
		tracer: provider.Tracer("github.com/expenzez/infrastructure"),
		spans:  collected,
		export: &exporter{url: target.JoinPath("v1/traces").String(), function: function, client: &http.Client{Transport: transport}},
	}, nil
}

// Invocation begins the span of an invocation, below Lambda's own. end ends it
// and sends the spans, within 200 ms and within the context's deadline; call it
// when the answer is made. Its error says why the spans are lost: worth a line
// in the log, and no more.
func (t *Tracer) Invocation(ctx context.Context, name string) (_ context.Context, end func(failure error) error) {
	if t == nil {
		return ctx, func(error) error { return nil }
	}
	spanCtx, span := t.tracer.Start(trace.ContextWithRemoteSpanContext(ctx, parent(ctx)), name, trace.WithSpanKind(trace.SpanKindServer))
	return spanCtx, func(failure error) error {
		finish(span, failure)
		ended := t.spans.take()
		if len(ended) == 0 {
			return nil
		}
		ctx, cancel := context.WithTimeout(ctx, FlushTimeout)
		defer cancel()
		return t.export.send(ctx, ended)
	}
}

// finish ends the span. A failure's text is redacted, as in the log.
func finish(span trace.Span, failure error) {
	if failure != nil && span.IsRecording() {
		span.SetStatus(codes.Error, telemetry.RedactText(failure.Error()))
	}
	span.End()
}

// Instrument makes every client of the configuration record its calls, each
// with its retries as one span.
func (t *Tracer) Instrument(config *aws.Config) {
	if t == nil {
		return
	}
	record := middleware.InitializeMiddlewareFunc("Trace", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
		ctx, span := t.tracer.Start(ctx, service+"."+operation, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("rpc.system", "aws-api"), attribute.String("rpc.service", service), attribute.String("rpc.method", operation)))
		out, metadata, err := next.HandleInitialize(ctx, in)
		finish(span, err)
		return out, metadata, err
	})
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(record, middleware.After)
	})
}

// RoundTripper records every request that goes through next: its method, host
// and status. Path and query may hold what is a person's and are left out.
func (t *Tracer) RoundTripper(next http.RoundTripper) http.RoundTripper {
	if t == nil {
		return next
	}
	return roundTripper{t.tracer, next}
}

type roundTripper struct {
	tracer trace.Tracer
	next   http.RoundTripper
}

// RoundTrip records the request until its headers are there.
func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, span := r.tracer.Start(request.Context(), request.Method+" "+request.URL.Hostname(), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", request.Method), attribute.String("server.address", request.URL.Hostname())))
	response, err := r.next.RoundTrip(request.WithContext(ctx))
	failure := err
	if err == nil {
		span.SetAttributes(attribute.Int("http.response.status_code", response.StatusCode))
		if response.StatusCode >= http.StatusInternalServerError {
			failure = fmt.Errorf("status %d", response.StatusCode)
		}
	}
	finish(span, failure)
	return response, err
}
