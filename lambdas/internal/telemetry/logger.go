package telemetry

import (
	"context"
	"io"
	"log/slog"
)

// NewLogger returns a logger that writes one redacted JSON object a line, with the
// keys that Lambda's log filter reads ("timestamp", "level", "message"). level is a
// level name of slog, such as "DEBUG". Any other name counts as INFO. NewLogger does
// not close out.
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

// renameBuiltins renames slog's own attributes for Lambda and redacts. It is the
// slog.HandlerOptions.ReplaceAttr of every log.
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

// Request has the attributes of every log line about a request.
type Request struct {
	// ID is API Gateway's request id, which the client gets too.
	ID string
	// Route is the route's key, such as "GET /profile".
	Route string
}

// WithRequest returns a context for the request's work, and a logger with its
// requestId and route. Where Lambda traces the request, the logger has its traceId
// too. FromContext returns this logger.
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

// MetricsOf returns the metrics of the context. Without any, it returns metrics that
// are never written.
func MetricsOf(ctx context.Context) *Metrics {
	if metrics, ok := ctx.Value(metricsKey{}).(*Metrics); ok {
		return metrics
	}
	return &Metrics{}
}

// FailedOpen logs and counts a request that was served although a check of it failed.
func FailedOpen(ctx context.Context, what string, err error) {
	MetricsOf(ctx).FailedOpen()
	FromContext(ctx).ErrorContext(ctx, "failed open", "unchecked", what, "error", err.Error())
}

// FromContext returns the request's logger. Outside a request, it returns a logger
// that discards everything.
func FromContext(ctx context.Context) *slog.Logger {
	if logger, ok := ctx.Value(loggerKey{}).(*slog.Logger); ok {
		return logger
	}
	return slog.New(slog.DiscardHandler)
}
