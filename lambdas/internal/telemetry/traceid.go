package telemetry

import (
	"context"
	"strings"
)

// lambdaTraceHeader is the context key under which aws-lambda-go stores the tracing
// header of the invocation. It is a plain string, as the X-Ray SDK reads it.
const lambdaTraceHeader = "x-amzn-trace-id"

// TraceID returns the X-Ray id of the invocation's trace, such as
// "1-5759e988-bd862e3fe1be46a994272793". It returns "" when Lambda does not trace the
// invocation.
func TraceID(ctx context.Context) string {
	header, _ := ctx.Value(lambdaTraceHeader).(string)
	for header != "" {
		var field string
		field, header, _ = strings.Cut(header, ";")
		if id, ok := strings.CutPrefix(strings.TrimSpace(field), "Root="); ok {
			return id
		}
	}
	return ""
}
