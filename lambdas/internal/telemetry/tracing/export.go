package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// maxSpans bounds the spans of one invocation. X-Ray accepts 10,000 in a request.
const maxSpans = 1000

// maxResponseSize is how many bytes of a response are read. X-Ray responds with an
// empty object, or with a short text about what it refuses.
const maxResponseSize = 64 << 10

// spans stores ended spans until the invocation ends.
type spans struct {
	mu    sync.Mutex
	ended []sdktrace.ReadOnlySpan
}

func (*spans) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (*spans) Shutdown(context.Context) error                  { return nil }
func (*spans) ForceFlush(context.Context) error                { return nil }

func (s *spans) OnEnd(span sdktrace.ReadOnlySpan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ended) < maxSpans {
		s.ended = append(s.ended, span)
	}
}

func (s *spans) take() []sdktrace.ReadOnlySpan {
	s.mu.Lock()
	defer s.mu.Unlock()
	ended := s.ended
	s.ended = nil
	return ended
}

// exporter sends spans as OTLP/JSON.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
type exporter struct {
	url, function string
	client        *http.Client
}

type object = map[string]any

func (e *exporter) send(ctx context.Context, ended []sdktrace.ReadOnlySpan) error {
	list := make([]object, len(ended))
	for i, span := range ended {
		list[i] = encode(span)
	}
	body, err := json.Marshal(object{"resourceSpans": []object{{
		"resource": object{"attributes": attributes([]attribute.KeyValue{
			attribute.String("service.name", e.function), attribute.String("cloud.provider", "aws"), attribute.String("cloud.platform", "aws_lambda")})},
		"scopeSpans": []object{{"spans": list}},
	}}})
	if err != nil {
		return fmt.Errorf("encode %d spans: %w", len(ended), err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("send %d spans: %w", len(ended), err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := e.client.Do(request)
	if err != nil {
		return fmt.Errorf("send %d spans: %w", len(ended), err)
	}
	defer response.Body.Close()
	// A connection is reused only when the response was read. An error here costs the
	// connection only.
	_, _ = io.CopyN(io.Discard, response.Body, maxResponseSize)
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("send %d spans to %s: status %d", len(ended), e.url, response.StatusCode)
	}
	return nil
}

func encode(span sdktrace.ReadOnlySpan) object {
	return object{
		"traceId":           span.SpanContext().TraceID().String(),
		"spanId":            span.SpanContext().SpanID().String(),
		"parentSpanId":      span.Parent().SpanID().String(),
		"name":              span.Name(),
		"kind":              int(span.SpanKind()), // both number the kinds alike
		"startTimeUnixNano": strconv.FormatInt(span.StartTime().UnixNano(), 10),
		"endTimeUnixNano":   strconv.FormatInt(span.EndTime().UnixNano(), 10),
		"attributes":        attributes(span.Attributes()),
		"status":            status(span.Status()),
	}
}

// status returns a status with the codes of OTLP: 1 is ok, 2 is an error.
func status(s sdktrace.Status) object {
	return object{"code": map[codes.Code]int{codes.Ok: 1, codes.Error: 2}[s.Code], "message": s.Description}
}

func attributes(list []attribute.KeyValue) []object {
	encoded := make([]object, len(list))
	for i, a := range list {
		value := object{"stringValue": a.Value.String()}
		if a.Value.Type() == attribute.INT64 {
			value = object{"intValue": a.Value.String()}
		}
		encoded[i] = object{"key": string(a.Key), "value": value}
	}
	return encoded
}
