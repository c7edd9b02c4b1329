package function

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// Function is a declared Lambda function. Define makes one.
type Function struct {
	// Name is unique in the backend, such as "auth-login". It is the Lambda
	// handler name and, with project and stage, the physical name.
	Name string
	// Purpose says in one sentence what the function is for.
	Purpose string
	// Routes are the API routes that the function serves.
	Routes []Route
	// Events are the other events that the function handles.
	Events []Event
	// Permissions are all that the function may do: what it declares, and what the
	// runtime needs for it.
	Permissions Permissions
	// Declared are the permissions that the function itself declares.
	Declared Permissions
	// Timeout is the longest an invocation may take. Zero means the stage's default.
	Timeout time.Duration
	// MemoryMB is the memory in MiB. Zero means the stage's default.
	MemoryMB int

	bind func(*Resources) (*Bound, error)
}

// Spec is what Define takes; S is the service whose methods are the use cases.
type Spec[S any] struct {
	Name    string
	Purpose string
	// New builds the service at cold start from what the rights give it.
	New         func(*Resources) (S, error)
	Routes      []RouteOf[S]
	Events      []EventOf[S]
	Permissions Permissions
	Timeout     time.Duration
	MemoryMB    int
}

// UseCase runs one route's use case: request is what the route's NewRequest
// returned, filled in; caller is the zero value on public routes.
type UseCase func(ctx context.Context, caller Caller, request any) (any, error)

// Bound is a function's service at work: what each of its routes and events
// calls.
type Bound struct {
	// UseCases are the use cases by route key.
	UseCases map[string]UseCase
	// EventHandlers are what is done at an event, by Event.Key.
	EventHandlers map[string]EventHandler
	// MessageHandlers take each message of a Batched event, by Event.Key.
	MessageHandlers map[string]MessageHandler
}

// Define turns a typed specification into a Function. It adds the rights that
// the runtime itself needs: to the queue of error reports and, where a route asks for
// it, to what holds limits and what remembers requests. A client of the user pool
// gets the right to its secret.
func Define[S any](spec Spec[S]) *Function {
	f := &Function{
		Name:        spec.Name,
		Purpose:     spec.Purpose,
		Permissions: spec.Permissions,
		Declared:    spec.Permissions,
		Timeout:     spec.Timeout,
		MemoryMB:    spec.MemoryMB,
		bind:        func(resources *Resources) (*Bound, error) { return bind(spec, resources) },
	}
	for _, route := range spec.Routes {
		f.Routes = append(f.Routes, route.Route)
	}
	for _, event := range spec.Events {
		if queue := f.QueueName(event.Event); queue != "" {
			event.matches = fromQueue("-" + queue)
		}
		f.Events = append(f.Events, event.Event)
	}
	if f.ReportsErrors() {
		f.Permissions = f.Permissions.And(errorReports)
	}
	if f.Guarded() {
		f.Permissions = f.Permissions.And(limits)
	}
	if f.LimitsByIP() {
		f.Permissions = f.Permissions.And(addresses)
	}
	for _, route := range f.Routes {
		for _, budget := range route.Budgets {
			f.Permissions = f.Permissions.And(Permissions{Settings: []Setting{budget.Setting()}})
		}
	}
	if f.HasIdempotentRoute() {
		f.Permissions = f.Permissions.And(idempotency)
	}
	if f.Permissions.UserPoolClient {
		f.Permissions = f.Permissions.And(poolClient)
	}
	return f
}

func bind[S any](spec Spec[S], resources *Resources) (*Bound, error) {
	service, err := spec.New(resources)
	if err := errors.Join(err, resources.Err()); err != nil {
		return nil, fmt.Errorf("function %q: %w", spec.Name, err)
	}
	bound := &Bound{UseCases: make(map[string]UseCase, len(spec.Routes)), EventHandlers: map[string]EventHandler{}, MessageHandlers: map[string]MessageHandler{}}
	for _, route := range spec.Routes {
		bound.UseCases[route.Key] = route.bind(service)
	}
	for _, event := range spec.Events {
		if event.Batched() {
			bound.MessageHandlers[event.Key] = event.bindMessages(service)
			continue
		}
		bound.EventHandlers[event.Key] = event.bind(service)
	}
	return bound, nil
}

// ReportsErrors reports whether the function's failures are reported. Those of the
// function that receives the reports are not, since they would cause each other.
func (f *Function) ReportsErrors() bool {
	return !slices.ContainsFunc(f.Events, func(e Event) bool { return e.Queue == ErrorReports.Queue })
}

// Guarded reports whether any of the function's routes is checked against limits
// or revocations, for which Define gives it the right.
func (f *Function) Guarded() bool { return slices.ContainsFunc(f.Routes, Route.Guarded) }

// LimitsByIP reports whether any of the function's routes is limited by
// address, which needs the right to make pseudonyms of addresses.
func (f *Function) LimitsByIP() bool {
	return slices.ContainsFunc(f.Routes, func(r Route) bool { return r.Access == AccessPublic && r.Guarded() })
}

// HasIdempotentRoute reports whether any of the function's routes is idempotent, for which
// Define gives it the rights.
func (f *Function) HasIdempotentRoute() bool {
	return slices.ContainsFunc(f.Routes, func(r Route) bool { return r.Idempotent })
}

// Secrets are the secrets that the function may read, because it says so or
// because it rotates them.
func (f *Function) Secrets() []*secrets.Secret {
	all := slices.Clone(f.Permissions.Secrets)
	for _, event := range f.Events {
		if event.Rotates != nil && !slices.Contains(all, event.Rotates) {
			all = append(all, event.Rotates)
		}
	}
	return all
}

// Bind builds the service. It fails when the service asks for something the
// function has no declared right to.
func (f *Function) Bind(resources *Resources) (*Bound, error) {
	resources.function = f
	return f.bind(resources)
}

var namePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`) })

// maxResponseTime is the longest that a function with routes may take. An HTTP API
// stops waiting at 30 s; the account's deletion relies on no request writing for
// longer.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const maxResponseTime = 29 * time.Second

// Validate reports everything that is wrong with the declaration.
func (f *Function) Validate() error {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("function %q: "+format, append([]any{f.Name}, args...)...))
	}
	if !namePattern().MatchString(f.Name) {
		problem("the name must be lower-case words joined by hyphens")
	}
	if f.Purpose == "" {
		problem("has no purpose")
	}
	if len(f.Routes)+len(f.Events) == 0 {
		problem("has no route and no event")
	}
	for _, route := range f.Routes {
		if err := route.validate(); err != nil {
			problem("%w", err)
		}
	}
	if len(f.Routes) > 0 && f.Timeout > maxResponseTime {
		problem("has routes and a timeout of %s: the API waits %s for an answer at most", f.Timeout, maxResponseTime)
	}
	keys := map[string]bool{}
	var streamed []string
	for _, event := range f.Events {
		if err := event.validate(); err != nil {
			problem("%w", err)
		}
		if keys[event.Key] {
			problem("answers the event %q twice", event.Key)
		}
		keys[event.Key] = true
		if event.Changes != nil {
			streamed = append(streamed, event.Changes.Name)
		}
	}
	if len(streamed) > 1 {
		problem("takes the changes of %s: a function has one queue of dead letters for one table", strings.Join(streamed, " and "))
	}
	if err := f.Permissions.validate(); err != nil {
		problem("%w", err)
	}
	return errors.Join(problems...)
}
