package telemetry

import (
	"context"
	"io"
	"log/slog"
)

// NewLogger returns a logger that writes one redacted JSON object a line, with
// the keys that Lambda's own log filter reads ("timestamp", "level",
// "message"). level is one of slog's names, such as "DEBUG"; another one counts
// as INFO. It does not close out.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
func NewLogger(out io.Writer, level string) *slog.Logger {
	return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: minLevel(level), ReplaceAttr: renameBuiltins}))
}

// minLevel returns the level of this name, or INFO when there is none.
func minLevel(level string) slog.Level {
	var known slog.Level
	if err := known.UnmarshalText([]byte(level)); err != nil {
		return slog.LevelInfo
	}
	return known
}

// renameBuiltins is the slog.HandlerOptions.ReplaceAttr of every log.
func renameBuiltins(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) == 0 {
		switch attr.Key {
		case slog.TimeKey:
			return slog.Attr{Key: "timestamp", Value: attr.Value}
		case slog.LevelKey:
			return attr
		case slog.MessageKey:
			return slog.Attr{Key: "message", Value: redactValue(attr.Value)}
		}
	}
	return RedactAttr(groups, attr)
}

// Request are the attributes that every line about a request has.
type Request struct {
	// ID is API Gateway's request id, which the client is told too.
	ID string
	// Route is the route's key, such as "GET /profile".
	Route string
}

// WithRequest returns a context for the request's work, and the logger that
// carries its requestId, route and, where Lambda traces it, traceId. FromContext
// finds the logger again.
func WithRequest(ctx context.Context, logger *slog.Logger, request Request) (context.Context, *slog.Logger) {
	attrs := []any{slog.String("requestId", request.ID), slog.String("route", request.Route)}
	if id := TraceID(ctx); id != "" {
		attrs = append(attrs, slog.String("traceId", id))
	}
	logger = logger.With(attrs...)
	return context.WithValue(ctx, loggerKey{}, logger), logger
}

type (
	loggerKey  struct{}
	metricsKey struct{}
)

// WithMetrics returns a context for work that is counted in the metrics.
func WithMetrics(ctx context.Context, metrics *Metrics) context.Context {
	return context.WithValue(ctx, metricsKey{}, metrics)
}

// MetricsOf returns the metrics of the context, or metrics that are never written
// when it has none.
func MetricsOf(ctx context.Context) *Metrics {
	if metrics, ok := ctx.Value(metricsKey{}).(*Metrics); ok {
		return metrics
	}
	return &Metrics{}
}

// FailedOpen logs and counts that a request was served although what could not be
// checked for the error.
func FailedOpen(ctx context.Context, what string, err error) {
	MetricsOf(ctx).FailedOpen()
	FromContext(ctx).ErrorContext(ctx, "failed open", "unchecked", what, "error", err.Error())
}

// FromContext returns the request's logger, or one that discards everything when
// the context is of no request.
func FromContext(ctx context.Context) *slog.Logger {
	if logger, ok := ctx.Value(loggerKey{}).(*slog.Logger); ok {
		return logger
	}
	return slog.New(slog.DiscardHandler)
}
