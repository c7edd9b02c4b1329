package function

import (
	"fmt"
	"time"
)

// Limit is a token bucket: Requests may come at once, and one more for each
// Per/Requests that passes.
type Limit struct {
	// Requests is the bucket's size.
	Requests int
	// Per is the time in which an empty bucket fills up, in whole seconds. No two
	// limits of a route have the same.
	Per time.Duration
}

// LongestLimit is the longest time a limit may count over. What a user has used
// up is remembered for at least as long.
const LongestLimit = 24 * time.Hour

// The limits of a route that declares none. A signed-in user's bursts are the
// app's: it fetches several lists at once whenever its home screen appears, and
// marks every notification read with a request of its own. An address may be
// shared by many people behind one carrier's gateway.
var (
	defaultUserLimits    = []Limit{{Requests: 300, Per: time.Minute}}
	defaultAddressLimits = []Limit{{Requests: 60, Per: time.Minute}}
)

// RouteOption changes a route's defaults.
type RouteOption func(*Route)

// Limits sets how often a route may be called: by each user where it is
// signed-in, by each address where it is public. All of the limits hold.
func Limits(limits ...Limit) RouteOption {
	return func(r *Route) { r.Limits = limits }
}

// Unlimited lifts the limits of a public route. The stage's own throttle and the
// edge's still hold.
func Unlimited() RouteOption {
	return func(r *Route) { r.Limits = nil }
}

// The shares of the stage's throttle, in percent.
const (
	wholeStage = 100
	// publicShare is of a route that anyone may call: one host cannot use up what
	// the other routes serve. Of 500 requests a second it is 100, which is a hundred
	// addresses that each use up the default limits.
	publicShare = 20
)

// StageShare sets the percentage of the stage's throttle that a public route may
// take, all clients together. Default: 20.
func StageShare(percent int) RouteOption {
	return func(r *Route) { r.StageShare = percent }
}

// ServeUnguarded lets the route be served when the limits, and for a signed-in
// route the revocations, cannot be read. The default is to answer 503: nobody
// gets more than their limit, or in with a revoked token, because a table is
// slow.
func ServeUnguarded() RouteOption {
	return func(r *Route) { r.ServeUnguarded = true }
}

// Idempotent does a request once and gives the same answer to whoever sends it
// again: within a day when the client names the request in an Idempotency-Key
// header, and otherwise within two minutes when the body is the same. The route
// must be signed-in. Package idempotency says what a crash leaves behind.
func Idempotent() RouteOption {
	return func(r *Route) { r.Idempotent = true }
}

// BodyLimit sets the largest request body in bytes.
func BodyLimit(bytes int) RouteOption {
	return func(r *Route) { r.BodyLimit = bytes }
}

// validate refuses what package guard cannot keep: it counts in microseconds and
// names a limit by its whole seconds.
func (l Limit) validate() error {
	if l.Requests < 1 || int64(l.Requests) > l.Per.Microseconds() || l.Per < time.Second || l.Per > LongestLimit || l.Per%time.Second != 0 {
		return fmt.Errorf("a limit of %d requests per %s: it needs at least 1 request, at most one each microsecond, and whole seconds up to %s", l.Requests, l.Per, LongestLimit)
	}
	return nil
}
