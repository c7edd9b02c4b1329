package runtime

import (
	"io"
	"log/slog"
)

// newLogger returns a logger that writes one JSON object a line with the keys
// Lambda's own log filter reads ("timestamp", "level", "message"). An unknown
// level counts as INFO.
func newLogger(out io.Writer, level string) *slog.Logger {
	var threshold slog.Level
	if err := threshold.UnmarshalText([]byte(level)); err != nil {
		threshold = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: threshold, ReplaceAttr: lambdaKeys}))
}

func lambdaKeys(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) == 0 {
		switch attr.Key {
		case slog.TimeKey:
			attr.Key = "timestamp"
		case slog.MessageKey:
			attr.Key = "message"
		}
	}
	return attr
}
