package auth

import (
	"context"
	"time"
)

// endsWithin reports whether the deadline of a scheduled run is nearer than the margin.
func endsWithin(ctx context.Context, now time.Time, left time.Duration) bool {
	end, ok := ctx.Deadline()
	return ok && end.Sub(now) < left
}
