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

// Telemetry has the logger, the metrics and the tracer of a function.
type Telemetry struct {
	Logger  *slog.Logger
	Metrics *telemetry.Metrics
	// Tracer is nil for a function that is not traced.
	Tracer *tracing.Tracer
}

// NewTelemetry returns the telemetry of a function. It logs from the level on, and
// writes log and metrics to out.
func NewTelemetry(out io.Writer, function, level string, tracer *tracing.Tracer) Telemetry {
	return Telemetry{
		Logger:  telemetry.NewLogger(out, level),
		Metrics: telemetry.NewMetrics(out, function, level, time.Now),
		Tracer:  tracer,
	}
}

// begin begins an invocation. end writes its metrics and spans. Call end before the
// response is returned, because Lambda may freeze the environment afterwards.
func (t *Telemetry) begin(ctx context.Context, function string, about telemetry.Request) (_ context.Context, end func(status int, failure error)) {
	ctx, endSpan := t.Tracer.Invocation(ctx, function)
	ctx, logger := telemetry.WithRequest(telemetry.WithMetrics(ctx, t.Metrics), t.Logger, about)
	return ctx, func(status int, failure error) {
		for service, open := range external.Breakers() {
			t.Metrics.Breaker(service, open)
		}
		if err := t.Metrics.Flush(about); err != nil {
			logger.ErrorContext(ctx, "writing metrics failed", "error", err.Error())
		}
		if status < 500 {
			failure = nil // the client caused it
		}
		if err := endSpan(failure); err != nil {
			logger.WarnContext(ctx, "sending spans failed", "error", err.Error())
		}
	}
}
