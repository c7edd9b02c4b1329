package function

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Function is a declared Lambda function. Define makes one.
type Function struct {
	// Name is unique in the backend, such as "auth-login". It is the Lambda
	// handler name and, with project and stage, the physical name.
	Name string
	// Purpose says in one sentence what the function is for.
	Purpose string
	// Routes are the API routes the function answers.
	Routes []Route
	// Rights are all that the function may do.
	Rights Rights
	// Timeout is the longest an invocation may take. Zero means the stage's default.
	Timeout time.Duration
	// MemoryMB is the memory in MiB. Zero means the stage's default.
	MemoryMB int

	bind func(*Environment) (map[string]UseCase, error)
}

// Spec is what Define takes; S is the service whose methods are the use cases.
type Spec[S any] struct {
	Name    string
	Purpose string
	// New builds the service at cold start from what the rights give it.
	New      func(*Environment) (S, error)
	Routes   []RouteOf[S]
	Rights   Rights
	Timeout  time.Duration
	MemoryMB int
}

// UseCase runs one route's use case: request is what the route's NewRequest
// returned, filled in; caller is the zero value on public routes.
type UseCase func(ctx context.Context, caller Caller, request any) (any, error)

// Define turns a typed specification into a Function.
func Define[S any](spec Spec[S]) *Function {
	routes := make([]Route, len(spec.Routes))
	for i, route := range spec.Routes {
		routes[i] = route.Route
	}
	rights := spec.Rights
	if slices.ContainsFunc(routes, Route.Guarded) { // see package guard
		rights.Tables = append(slices.Clone(rights.Tables), tables.RateLimits.Allow(tables.UpdateItem))
	}
	return &Function{
		Name:     spec.Name,
		Purpose:  spec.Purpose,
		Routes:   routes,
		Rights:   rights,
		Timeout:  spec.Timeout,
		MemoryMB: spec.MemoryMB,
		bind: func(env *Environment) (map[string]UseCase, error) {
			service, err := spec.New(env)
			if err := errors.Join(err, env.Err()); err != nil {
				return nil, fmt.Errorf("function %q: %w", spec.Name, err)
			}
			useCases := make(map[string]UseCase, len(spec.Routes))
			for _, route := range spec.Routes {
				useCases[route.Key] = route.bind(service)
			}
			return useCases, nil
		},
	}
}

// Guarded tells whether any of the function's routes is checked against limits
// or revocations, for which Define gives it the right.
func (f *Function) Guarded() bool { return slices.ContainsFunc(f.Routes, Route.Guarded) }

// Bind builds the service and returns its use cases by route key. It fails when
// the service asks for something the function has no declared right to.
func (f *Function) Bind(env *Environment) (map[string]UseCase, error) {
	env.function = f
	return f.bind(env)
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Validate reports everything that is wrong with the declaration.
func (f *Function) Validate() error {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("function %q: "+format, append([]any{f.Name}, args...)...))
	}
	if !namePattern.MatchString(f.Name) {
		problem("the name must be lower-case words joined by hyphens")
	}
	if f.Purpose == "" {
		problem("has no purpose")
	}
	if len(f.Routes) == 0 {
		problem("has no route")
	}
	for _, route := range f.Routes {
		if err := route.validate(); err != nil {
			problem("%w", err)
		}
	}
	if err := f.Rights.validate(); err != nil {
		problem("%w", err)
	}
	return errors.Join(problems...)
}
