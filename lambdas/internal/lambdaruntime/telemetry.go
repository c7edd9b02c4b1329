package lambdaruntime

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/tracing"
)

// Telemetry is what a function says about itself with.
type Telemetry struct {
	Logger  *slog.Logger
	Metrics *telemetry.Metrics
	// Tracer may be nil, for a function that is not traced.
	Tracer *tracing.Tracer
}

// NewTelemetry returns the telemetry of a function that logs at the level and
// writes log and metrics to out.
func NewTelemetry(out io.Writer, function, level string, tracer *tracing.Tracer) Telemetry {
	return Telemetry{
		Logger:  telemetry.NewLogger(out, level),
		Metrics: telemetry.NewMetrics(out, function, level, time.Now),
		Tracer:  tracer,
	}
}

// begin begins an invocation. end says everything that there is to say about it,
// and must come before the answer: Lambda may freeze the environment after that.
func (t *Telemetry) begin(ctx context.Context, function string, about telemetry.Request) (_ context.Context, end func(status int, failure error)) {
	ctx, endSpan := t.Tracer.Invocation(ctx, function)
	ctx, logger := telemetry.WithRequest(telemetry.WithMetrics(ctx, t.Metrics), t.Logger, about)
	return ctx, func(status int, failure error) {
		for service, open := range external.Breakers() {
			t.Metrics.Breaker(service, open)
		}
		if err := t.Metrics.Flush(about); err != nil {
			logger.ErrorContext(ctx, "metrics are lost", "error", err.Error())
		}
		if status < 500 {
			failure = nil // the client's, not ours
		}
		if err := endSpan(failure); err != nil {
			logger.WarnContext(ctx, "spans are lost", "error", err.Error())
		}
	}
}
