package telemetry_test

import (
	"errors"
	"io"
	"log/slog"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// BenchmarkLog measures one line: as slog writes it, as we do with nothing to
// redact, and as we do with something to redact in each attribute.
func BenchmarkLog(b *testing.B) {
	clean := []slog.Attr{slog.String("route", "GET /profile"), slog.Int("status", 200), slog.String("error", "read account: no such item")}
	dirty := []slog.Attr{slog.String("token", canaryJWT), slog.Any("error", errors.New("no user "+canaryEmail)), slog.String("note", canaryPhone)}
	for _, bm := range []struct {
		name   string
		logger *slog.Logger
		attrs  []slog.Attr
	}{
		{"slog", slog.New(slog.NewJSONHandler(io.Discard, nil)), clean},
		{"clean", telemetry.NewLogger(io.Discard, "INFO"), clean},
		{"redacted", telemetry.NewLogger(io.Discard, "INFO"), dirty},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bm.logger.LogAttrs(b.Context(), slog.LevelInfo, "request", bm.attrs...)
			}
		})
	}
}

func BenchmarkRedactText(b *testing.B) {
	for name, text := range map[string]string{
		"clean": "operation error DynamoDB: UpdateItem, https response error StatusCode: 400, RequestID: 0123456789",
		"dirty": "send to " + canaryEmail + ": Authorization: Bearer " + canaryJWT,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				telemetry.RedactText(text)
			}
		})
	}
}
