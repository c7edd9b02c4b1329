package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Handler answers the API requests of one function.
type Handler struct {
	routes map[string]route
	guard  checker
	rules  *validation.Checker
	logger *slog.Logger
	now    func() time.Time
	margin time.Duration
}

// route is a route with what the pipeline prepared for it at start.
type route struct {
	function.Route
	useCase    function.UseCase
	parameters []parameter
}

// checker is the guard of the function's routes.
type checker interface {
	// Check returns guard.ErrRevoked, a *guard.LimitedError, or any other error
	// when it could not find out.
	Check(ctx context.Context, routeKey string, subject guard.Subject) error
}

// answerMargin is how much of the invocation's time is kept for the answer: a use
// case that runs into its deadline is answered 503 instead of being cut off.
const answerMargin = 500 * time.Millisecond

// NewHandler builds the function's service from the environment. It returns
// every right the service lacks and every variable that is not set.
func NewHandler(f *function.Function, env *function.Environment, logger *slog.Logger) (*Handler, error) {
	useCases, err := f.Bind(env)
	if err != nil {
		return nil, err
	}
	h := &Handler{
		routes: make(map[string]route, len(f.Routes)),
		rules:  validation.New(),
		logger: logger.With("function", f.Name),
		now:    time.Now,
		margin: answerMargin,
	}
	if f.Guarded() {
		h.guard = guard.New(dynamodb.NewFromConfig(env.AWS), env.Table(tables.RateLimits), f.Routes, time.Now)
	}
	for _, declared := range f.Routes {
		parameters, err := parametersOf(declared.NewRequest())
		if err != nil {
			return nil, fmt.Errorf("route %q: %w", declared.Key, err)
		}
		h.routes[declared.Key] = route{Route: declared, useCase: useCases[declared.Key], parameters: parameters}
	}
	return h, env.Err()
}

// Handle answers one request. It never returns an error: every failure is an
// HTTP answer.
func (h *Handler) Handle(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	started := h.now()
	ctx, logger := telemetry.WithRequest(ctx, h.logger, telemetry.Request{ID: event.RequestContext.RequestID, Route: event.RouteKey})

	response, err := h.serve(ctx, &event, logger)
	if err != nil {
		failure := apierror.From(err)
		logFailure(ctx, logger, failure)
		response = h.respond(&event, failure)
	}
	logger.InfoContext(ctx, "request", "status", response.StatusCode, "durationMs", h.now().Sub(started).Milliseconds())
	return response, nil
}

// serve takes a request through the steps that every request takes.
func (h *Handler) serve(ctx context.Context, event *events.APIGatewayV2HTTPRequest, logger *slog.Logger) (response events.APIGatewayV2HTTPResponse, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = apierror.Internal.Because(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
		}
	}()
	ctx, cancel := h.withMargin(ctx)
	defer cancel()

	route, known := h.routes[event.RouteKey]
	if !known {
		return response, apierror.NotFound
	}
	caller, err := authenticate(route.Access, event)
	if err != nil {
		return response, err
	}
	if err := h.check(ctx, route, caller, event, logger); err != nil {
		return response, err
	}
	request := route.NewRequest()
	if err := decode(event, route.BodyLimit, request); err != nil {
		return response, err
	}
	if err := bind(event, route.parameters, request); err != nil {
		return response, err
	}
	if err := h.validate(event.RawPath, request); err != nil {
		return response, err
	}
	answer, err := route.useCase(ctx, caller, request)
	if err != nil {
		return response, deadline(ctx, err)
	}
	return encode(event, answer)
}

// withMargin ends the request's context before the invocation ends.
func (h *Handler) withMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, end.Add(-h.margin))
	}
	return context.WithCancel(ctx)
}

// deadline makes an error that came of the request's end a temporary one.
func deadline(ctx context.Context, err error) error {
	var known *apierror.Error
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && !errors.As(err, &known) {
		return apierror.Unavailable.Because(err)
	}
	return err
}

// check asks the guard. When the guard cannot find out, the route's declaration
// says what happens.
func (h *Handler) check(ctx context.Context, r route, caller function.Caller, event *events.APIGatewayV2HTTPRequest, logger *slog.Logger) error {
	if !r.Guarded() {
		return nil
	}
	subject := guard.Address(event.RequestContext.HTTP.SourceIP)
	if r.Access == function.SignedInOnly {
		subject = guard.User(caller)
	}
	err := h.guard.Check(ctx, r.Key, subject)
	var limited *guard.LimitedError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, guard.ErrRevoked):
		return apierror.Unauthorized.Because(err)
	case errors.As(err, &limited):
		return apierror.TooMany.After(limited.RetryAfter).Because(err)
	case r.ServeUnguarded:
		logger.ErrorContext(ctx, "served unguarded", "error", err.Error())
		return nil
	default:
		return apierror.Unavailable.After(time.Second).Because(err)
	}
}

func (h *Handler) validate(path string, request any) error {
	err := h.rules.Check(request)
	var problems validation.Problems
	if errors.As(err, &problems) {
		return apierror.Invalid(path, "VALIDATION_ERROR", problems.Error(), problems.Fields())
	}
	return err
}

// respond turns a failure into an answer.
func (h *Handler) respond(event *events.APIGatewayV2HTTPRequest, failure *apierror.Error) events.APIGatewayV2HTTPResponse {
	response, err := encode(event, failure.Body(event.RawPath, event.RequestContext.RequestID, h.now()))
	if err != nil {
		panic(err) // the body of an error is strings and numbers, and small
	}
	response.StatusCode = failure.Status
	if failure.RetryAfter > 0 {
		response.Headers["Retry-After"] = strconv.Itoa(int(math.Ceil(failure.RetryAfter.Seconds())))
	}
	return response
}

// logFailure logs what the client is not told: as an error when it is the
// backend's fault, otherwise for information.
func logFailure(ctx context.Context, logger *slog.Logger, failure *apierror.Error) {
	level := slog.LevelInfo
	if failure.Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	logger.Log(ctx, level, "request failed", "status", failure.Status, "code", failure.Code, "error", failure.Error())
}
