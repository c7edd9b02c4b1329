package errorreport

import (
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// window is the time in which an environment reports each kind of failure once.
	window = time.Minute
	// maxKinds is how many kinds of failures an environment reports in a window: as
	// many as one batch of SQS takes.
	maxKinds = 10
)

// Limiter bounds how much the failures of one environment cost. The log still has each
// of them. Its zero value is ready, and it is safe for concurrent use.
type Limiter struct {
	mu       sync.Mutex
	end      time.Time // of the current window, by the wall clock
	reported []string  // kinds of the current window
	left     int       // failures since the latest report
}

// Admit reports whether a failure of this kind is reported now. unreported is how many
// failures were not, since the previous report.
func (l *Limiter) Admit(kind []string, now time.Time) (unreported int, admitted bool) {
	now = now.Round(0) // the monotonic clock stops while Lambda has the environment frozen
	l.mu.Lock()
	defer l.mu.Unlock()
	if !now.Before(l.end) {
		l.end, l.reported = now.Add(window), nil
	}
	name := strings.Join(kind, "\n")
	if len(l.reported) == maxKinds || slices.Contains(l.reported, name) {
		l.left++
		return 0, false
	}
	l.reported = append(l.reported, name)
	unreported, l.left = l.left, 0
	return unreported, true
}
