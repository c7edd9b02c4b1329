package function

import (
	"errors"
	"fmt"
	"reflect"
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

// MaxLimitPeriod is the longest time a limit may count over. What a user has used
// up is remembered for at least as long.
const MaxLimitPeriod = 24 * time.Hour

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
// signed-in, by each address where it is public. All of the limits hold. WithLane
// says what counts for the address where the route has a lane.
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
	// publicShare is the share of a public route, so that one host cannot use up the
	// throttle of the other routes. Of 500 requests a second it is 100: as many as a
	// hundred addresses can send within the default limits.
	publicShare = 20
)

// StageShare sets the percentage of the stage's throttle that a public route may
// take, all clients together. Default: 20.
func StageShare(percent int) RouteOption {
	return func(r *Route) { r.StageShare = percent }
}

// FailOpen lets the route be served when the limits, and for a signed-in route the
// revocations, cannot be read or written within a second. The default is a 503, so
// that a slow table lets no client exceed its limit or use a revoked token. The risk of
// each such route is in docs/security.md.
func FailOpen() RouteOption {
	return func(r *Route) { r.FailOpen = true }
}

// Lane counts requests by a secret that they show, such as a refresh token, once
// the route has answered one with that secret without an error. Such requests no
// longer count for their address, so that clients behind one gateway cannot use up
// each other's limits. Requests with any other secret count for their address, so
// that made-up secrets bring a client nothing and are not stored.
type Lane struct {
	// Secret returns the secret in the route's request.
	Secret func(request any) string
	// Limits are how often one secret may be shown.
	Limits []Limit

	request reflect.Type
}

// WithLane gives a public route a lane. In is the route's request.
func WithLane[In any](secret func(In) string, limits ...Limit) RouteOption {
	return func(r *Route) {
		r.Lane = &Lane{
			Secret:  func(request any) string { return secret(*request.(*In)) },
			Limits:  limits,
			request: reflect.TypeFor[*In](),
		}
	}
}

// Idempotent runs a request once and returns the same response to each repetition:
// within a day when the client names the request in an Idempotency-Key header, and
// otherwise within two minutes when the body is the same. The route must be signed-in.
// Package idempotency says what a crash leaves behind.
func Idempotent() RouteOption {
	return func(r *Route) { r.Idempotent = true }
}

// Form reads the body as a form of a browser (application/x-www-form-urlencoded or
// multipart/form-data). Fields of the request are texts, with the first value of their name.
func Form() RouteOption {
	return func(r *Route) { r.Form = true }
}

// BodyLimit sets the largest request body in bytes.
func BodyLimit(bytes int) RouteOption {
	return func(r *Route) { r.BodyLimit = bytes }
}

// validate refuses what package guard cannot keep: it counts in microseconds and
// names a limit by its whole seconds.
func (l Limit) validate() error {
	if l.Requests < 1 || int64(l.Requests) > l.Per.Microseconds() || l.Per < time.Second || l.Per > MaxLimitPeriod || l.Per%time.Second != 0 {
		return fmt.Errorf("a limit of %d requests per %s: it needs at least 1 request, at most one each microsecond, and whole seconds up to %s", l.Requests, l.Per, MaxLimitPeriod)
	}
	return nil
}

// validateLimits refuses two limits over the same time, which package guard cannot
// tell apart.
func validateLimits(limits []Limit) error {
	seen := map[time.Duration]bool{}
	for _, limit := range limits {
		if err := limit.validate(); err != nil {
			return err
		}
		if seen[limit.Per] {
			return fmt.Errorf("has two limits per %s", limit.Per)
		}
		seen[limit.Per] = true
	}
	return nil
}

func (l *Lane) validate(r Route) error {
	switch {
	case r.Access != AccessPublic || len(r.Limits) == 0:
		return errors.New("a lane leads past the limits of addresses, which the route does not have")
	case l.request != reflect.TypeOf(r.NewRequest()):
		return fmt.Errorf("the lane reads %s, the route %T", l.request, r.NewRequest())
	case len(l.Limits) == 0:
		return errors.New("the lane has no limit")
	}
	return validateLimits(l.Limits)
}
