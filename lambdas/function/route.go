package function

import (
	"context"
	"fmt"
	"regexp"
)

// Access says who may call a route.
type Access string

// The kinds of access.
const (
	// SignedInOnly routes need a valid access token; the API checks it before
	// the function runs. It is the default of the SignedIn constructor.
	SignedInOnly Access = "signed-in"
	// Anyone may call the route. A stale Authorization header is ignored.
	Anyone Access = "anyone"
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
	// BodyLimit is the largest request body in bytes.
	BodyLimit int
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
}

// Nothing is the request of a use case that reads none.
type Nothing struct{}

// DefaultBodyLimit is the largest request body, in bytes, of a route that does
// not say otherwise. The largest body of an account route in the contract, a
// registration with every field at its limit, is under 8 KiB; 64 KiB leaves
// room for any alphabet.
const DefaultBodyLimit = 64 << 10

// Public declares a route that anyone may call.
func Public[S, In, Out any](key string, useCase func(S, context.Context, In) (Out, error)) RouteOf[S] {
	return newRoute[S, In](key, Anyone, func(s S, ctx context.Context, _ Caller, in In) (any, error) {
		return useCase(s, ctx, in)
	})
}

// SignedIn declares a route that only a signed-in user may call.
func SignedIn[S, In, Out any](key string, useCase func(S, context.Context, Caller, In) (Out, error)) RouteOf[S] {
	return newRoute[S, In](key, SignedInOnly, func(s S, ctx context.Context, caller Caller, in In) (any, error) {
		return useCase(s, ctx, caller, in)
	})
}

func newRoute[S, In any](key string, access Access, call func(S, context.Context, Caller, In) (any, error)) RouteOf[S] {
	return RouteOf[S]{
		Route: Route{Key: key, Access: access, NewRequest: func() any { return new(In) }, BodyLimit: DefaultBodyLimit},
		bind: func(service S) UseCase {
			return func(ctx context.Context, caller Caller, request any) (any, error) {
				return call(service, ctx, caller, *request.(*In))
			}
		},
	}
}

var keyPattern = regexp.MustCompile(`^(GET|POST|PUT|DELETE) (/[A-Za-z0-9-]+|/\{[A-Za-z0-9]+\})+$`)

func (r Route) validate() error {
	switch {
	case r.Key != FallbackKey && !keyPattern.MatchString(r.Key):
		return fmt.Errorf(`route key %q must be a method and a path, such as "GET /goals/{id}"`, r.Key)
	case r.Key == FallbackKey && r.Access != Anyone:
		return fmt.Errorf("the fallback route must be public, or it would answer 401 to a wrong path")
	}
	return nil
}
