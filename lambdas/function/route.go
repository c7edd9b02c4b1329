package function

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"sync"
	"time"
)

// Access says who may call a route.
type Access string

// The kinds of access.
const (
	// AccessSignedIn routes need a valid access token; the API checks it before
	// the function runs. It is the default of the SignedIn constructor.
	AccessSignedIn Access = "signed-in"
	// AccessPublic may call the route. A stale Authorization header is ignored.
	AccessPublic Access = "anyone"
)

// FallbackKey is the route key of requests that no other route matches.
const FallbackKey = "$default"

// Route is one route of the API, as the stacks and the runtime see it.
type Route struct {
	// Key is the API Gateway route key, such as "POST /auth/login".
	Key    string
	Access Access
	// NewRequest returns a pointer to an empty request value to decode into.
	NewRequest func() any
	// Response is the type of what the use case returns, which is sent as JSON, or as HTML
	// if it is a PageResponse, with status 200.
	Response reflect.Type
	// BodyLimit is the largest request body in bytes.
	BodyLimit int
	// Limits are how often each user, or on a public route each address, may
	// call the route.
	Limits []Limit
	// StageShare is the percentage of the stage's throttle that the route may take
	// with the requests of all clients.
	StageShare int
	// Budgets are what each request to the route spends.
	Budgets []Budget
	// Lane counts requests by a secret that they show. Nil means that there is none.
	Lane *Lane
	// FailOpen serves the route even when the limits cannot be read.
	FailOpen bool
	// Idempotent does a request once, however often it is sent.
	Idempotent bool
	// Form reads the body as a form, in place of JSON.
	Form bool
}

// Guarded reports whether requests are checked against limits or revocations.
func (r Route) Guarded() bool {
	return len(r.Limits) > 0 || len(r.Budgets) > 0 || r.Access == AccessSignedIn
}

// RouteOf is a route whose use case is a method of the service S.
type RouteOf[S any] struct {
	Route
	bind func(S) UseCase
}

// Caller is the signed-in user, from the verified claims of the access token.
type Caller struct {
	// UserID is the token's subject (sub).
	UserID string
	// Username is the name the user signs in with.
	Username string
	// TokenID is the token's own identifier (jti).
	TokenID string
	// SessionID is shared by all tokens that come from one sign-in (origin_jti).
	SessionID string
	// SignedInAt is when the session began (auth_time), in whole seconds. A renewal of
	// tokens does not change it.
	SignedInAt time.Time
	// IssuedAt is when the token was issued (iat), in whole seconds.
	IssuedAt time.Time
}

// NoInput is the request of a use case that reads none.
type NoInput struct{}

// DefaultBodyLimit is the largest request body, in bytes, of a route that does
// not say otherwise. The largest body of an account route in the contract, a
// registration with every field at its limit, is under 8 KiB; 64 KiB leaves
// room for any alphabet.
const DefaultBodyLimit = 64 << 10

// Public declares a route that clients may call without signing in.
func Public[S, In, Out any](key string, useCase func(S, context.Context, In) (Out, error), options ...RouteOption) RouteOf[S] {
	return newRoute[S, In, Out](key, AccessPublic, options, func(s S, ctx context.Context, _ Caller, in In) (any, error) {
		return useCase(s, ctx, in)
	})
}

// SignedIn declares a route that only a signed-in user may call.
func SignedIn[S, In, Out any](key string, useCase func(S, context.Context, Caller, In) (Out, error), options ...RouteOption) RouteOf[S] {
	return newRoute[S, In, Out](key, AccessSignedIn, options, func(s S, ctx context.Context, caller Caller, in In) (any, error) {
		return useCase(s, ctx, caller, in)
	})
}

func newRoute[S, In, Out any](key string, access Access, options []RouteOption, call func(S, context.Context, Caller, In) (any, error)) RouteOf[S] {
	route := Route{
		Key:        key,
		Access:     access,
		NewRequest: func() any { return new(In) },
		Response:   reflect.TypeFor[Out](),
		BodyLimit:  DefaultBodyLimit,
		Limits:     defaultAddressLimits,
		StageShare: publicShare,
	}
	if access == AccessSignedIn {
		route.Limits, route.StageShare = defaultUserLimits, wholeStage
	}
	for _, option := range options {
		option(&route)
	}
	return RouteOf[S]{
		Route: route,
		bind: func(service S) UseCase {
			return func(ctx context.Context, caller Caller, request any) (any, error) {
				return call(service, ctx, caller, *request.(*In))
			}
		},
	}
}

// Patterns are compiled when they are first used, which in a function is never:
// what happens at initialisation, every cold start pays.
var keyPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) (/[A-Za-z0-9-]+|/\{[A-Za-z0-9]+\})+$`)
})

func (r Route) validate() error {
	switch {
	case r.Key != FallbackKey && !keyPattern().MatchString(r.Key):
		return fmt.Errorf(`route key %q must be a method and a path, such as "GET /goals/{id}"`, r.Key)
	case r.Key == FallbackKey && r.Access != AccessPublic:
		return fmt.Errorf("the fallback route must be public, or it would answer 401 to a wrong path")
	case r.Access == AccessSignedIn && len(r.Limits) == 0:
		return fmt.Errorf("route %q is signed-in and has no limit", r.Key)
	case r.Idempotent && r.Access != AccessSignedIn:
		return fmt.Errorf("route %q is idempotent and public: responses are stored for signed-in users only", r.Key)
	case r.StageShare < 1 || r.StageShare > wholeStage:
		return fmt.Errorf("route %q has %d %% of the stage's throttle: give 1 to %d", r.Key, r.StageShare, wholeStage)
	case len(r.Budgets) > 0 && r.Access != AccessPublic:
		return fmt.Errorf("route %q is signed-in and spends a budget: budgets count addresses", r.Key)
	case len(r.Budgets) > 0 && r.FailOpen:
		return fmt.Errorf("route %q spends a budget and fails open: it would be spent without a limit", r.Key)
	case r.BodyLimit < 1:
		return fmt.Errorf("route %q has a body limit of %d bytes", r.Key, r.BodyLimit)
	}
	if err := validateLimits(r.Limits); err != nil {
		return fmt.Errorf("route %q: %w", r.Key, err)
	}
	if r.Lane != nil {
		if err := r.Lane.validate(r); err != nil {
			return fmt.Errorf("route %q: %w", r.Key, err)
		}
	}
	return nil
}
