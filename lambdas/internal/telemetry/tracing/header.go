package tracing

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// parent returns the span that Lambda made for the invocation. It is invalid when
// Lambda does not trace the invocation, or when the header does not have the
// documented form.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
func parent(ctx context.Context) trace.SpanContext {
	header, _ := ctx.Value("x-amzn-trace-id").(string) // as aws-lambda-go sets it
	var config trace.SpanContextConfig
	for field := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Root": // 1-{8 digits}-{24 digits}
			if len(value) == 35 && value[:2] == "1-" && value[10] == '-' {
				config.TraceID, _ = trace.TraceIDFromHex(value[2:10] + value[11:])
			}
		case "Parent":
			config.SpanID, _ = trace.SpanIDFromHex(value)
		case "Sampled":
			config.TraceFlags = config.TraceFlags.WithSampled(value == "1")
		}
	}
	return trace.NewSpanContext(config)
}
