package lambdaruntime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/errortracking"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/tracing"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Handler answers the API requests and the other events of one function.
type Handler struct {
	function      string
	routes        map[string]route
	events        []function.Event
	eventHandlers map[string]function.EventHandler
	messages      map[string]function.MessageHandler
	guard         checker
	pseudonyms    pseudonyms
	records       *idempotency.Records
	rules         *validation.Checker
	telemetry     Telemetry
	reporter      *reporter
	now           func() time.Time
	margin        time.Duration
}

// route is a route with what the pipeline prepared for it at start.
type route struct {
	function.Route
	useCase    function.UseCase
	parameters []parameter
}

// responseMargin is how much of the invocation's time is kept for the answer, the
// log and the metrics: a use case that runs into its deadline is answered 503
// instead of being cut off. All that holds an answer up fits into it: the DSN and
// the spans, each at their longest. A report to Sentry takes what they leave.
const responseMargin = dsnTimeout + tracing.FlushTimeout + 100*time.Millisecond

// NewHandler builds the function's service from the environment; the
// environment is still to be started. It returns every right the service lacks
// and every variable that is not set.
func NewHandler(f *function.Function, resources *function.Resources, t Telemetry) (*Handler, error) {
	bound, err := f.Bind(resources)
	if err != nil {
		return nil, err
	}
	t.Logger = t.Logger.With("function", f.Name)
	h := &Handler{
		function:      f.Name,
		routes:        make(map[string]route, len(f.Routes)),
		events:        f.Events,
		eventHandlers: bound.EventHandlers,
		messages:      bound.MessageHandlers,
		rules:         validation.New(),
		telemetry:     t,
		reporter:      newReporter(resources, f.Name),
		now:           time.Now,
		margin:        responseMargin,
	}
	routes := resources.Budgeted()
	if err := resources.Err(); err != nil {
		return nil, err
	}
	if f.Guarded() {
		h.guard = guard.New(dynamodb.NewFromConfig(resources.AWS), resources.Table(tables.RateLimits), routes, time.Now)
	}
	if f.LimitsByIP() {
		h.pseudonyms = pseudonym.Open(resources)
	}
	if f.HasIdempotentRoute() {
		h.records = idempotency.Open(resources)
	}
	for _, declared := range routes {
		parameters, err := parametersOf(declared.NewRequest())
		if err != nil {
			return nil, fmt.Errorf("route %q: %w", declared.Key, err)
		}
		if err := h.rules.Prove(declared.NewRequest()); err != nil {
			return nil, fmt.Errorf("route %q: %w", declared.Key, err)
		}
		h.routes[declared.Key] = route{Route: declared, useCase: bound.UseCases[declared.Key], parameters: parameters}
	}
	return h, resources.Err()
}

// warmUp reads an empty request of each route and makes a response that is not sent.
// encoding/json and the rules of package validation look at each type once: during the
// start, which has a whole processor, and not in the first request.
func (h *Handler) warmUp() {
	var event events.APIGatewayV2HTTPRequest
	_ = json.Unmarshal([]byte(`{"body":"{}"}`), &event)
	for _, route := range h.routes {
		_, _ = h.readRequest(&event, route)
	}
	_, _ = json.Marshal(h.respond(&event, apierror.NotFound))
}

// Handle answers one request. It never returns an error: every failure is an
// HTTP answer.
func (h *Handler) Handle(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	started := h.now()
	about := telemetry.Request{ID: event.RequestContext.RequestID, Route: event.RouteKey}
	ctx, end := h.telemetry.begin(ctx, h.function, about)
	ctx = function.WithRequest(ctx, requestOf(&event))

	response, err := h.serve(ctx, &event)
	if err != nil {
		failure := clientError(&event, err)
		h.logFailure(ctx, about, failure)
		response, err = h.respond(&event, failure), failure
	}
	telemetry.FromContext(ctx).InfoContext(ctx, "request", "status", response.StatusCode, "durationMs", h.now().Sub(started).Milliseconds())
	end(response.StatusCode, err)
	return response, nil
}

func requestOf(event *events.APIGatewayV2HTTPRequest) function.Request {
	return function.Request{
		ID:        event.RequestContext.RequestID,
		SourceIP:  event.RequestContext.HTTP.SourceIP,
		UserAgent: event.RequestContext.HTTP.UserAgent,
	}
}

// serve takes a request through the steps that every request takes.
func (h *Handler) serve(ctx context.Context, event *events.APIGatewayV2HTTPRequest) (response events.APIGatewayV2HTTPResponse, err error) {
	defer recoverPanic(&err)
	ctx, cancel := h.withMargin(ctx)
	defer cancel()
	lap := h.stepTimer()

	route, found := h.routes[event.RouteKey]
	if !found {
		return response, apierror.NotFound
	}
	caller, err := authenticate(route.Access, event)
	if err != nil {
		return response, err
	}
	request, admit, err := h.checkAndRead(ctx, route, caller, event, lap)
	if err != nil {
		return response, err
	}
	if err := h.takeStageBudget(ctx, route); err != nil {
		return response, err
	}
	result, err := h.runUseCase(ctx, route, caller, event, request)
	lap(telemetry.StepUseCase)
	if err != nil {
		return response, asUnavailable(ctx, err)
	}
	admit(ctx)
	response, err = encode(event, result)
	lap(telemetry.StepEncode)
	return response, err
}

// checkAndRead returns the route's request, if the guard lets it through. A request
// whose route has a lane is read first, because the lane's secret is in it.
func (h *Handler) checkAndRead(ctx context.Context, r route, caller function.Caller, event *events.APIGatewayV2HTTPRequest, lap func(telemetry.Step)) (any, admission, error) {
	if r.Lane != nil {
		request, admit, err := h.checkLane(ctx, r, event)
		lap(telemetry.StepGuard)
		return request, admit, err
	}
	err := h.check(ctx, r, caller)
	lap(telemetry.StepGuard)
	if err != nil {
		return nil, nil, err
	}
	request, err := h.readRequest(event, r)
	lap(telemetry.StepDecode)
	return request, noAdmission, err
}

// stepTimer returns a function that records the time since it was called last.
func (h *Handler) stepTimer() func(telemetry.Step) {
	last := h.now()
	return func(step telemetry.Step) {
		now := h.now()
		h.telemetry.Metrics.Step(step, now.Sub(last))
		last = now
	}
}

// recoverPanic turns a panic into an internal error.
func recoverPanic(err *error) {
	if cause := recover(); cause != nil {
		*err = apierror.Internal.Because(telemetry.Recovered(cause))
	}
}

// withMargin ends the context of the work before the invocation ends.
func (h *Handler) withMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, end.Add(-h.margin))
	}
	return context.WithCancel(ctx)
}

// readRequest returns the route's request: decoded, with its parameters, and valid.
func (h *Handler) readRequest(event *events.APIGatewayV2HTTPRequest, r route) (any, error) {
	request := r.NewRequest()
	if err := decode(event, r.BodyLimit, request); err != nil {
		return nil, err
	}
	if err := bind(event, r.parameters, request); err != nil {
		return nil, err
	}
	return request, h.rules.Check(request)
}

// clientError returns what the client is told about an error. A broken rule is the
// client's, wherever it was found: in the request or where a text is stored.
func clientError(event *events.APIGatewayV2HTTPRequest, err error) *apierror.Error {
	var problems validation.Problems
	if errors.As(err, &problems) {
		return apierror.Invalid(event.RawPath, "VALIDATION_ERROR", problems.Error(), problems.Fields())
	}
	return apierror.From(err)
}

// refused leaves a line about a 4xx that every stage keeps, and counts the refusals
// of limits. The line has no text of the error: it may hold what the client sent.
// Requests that no route matches leave none, since anything on the internet makes
// them.
func (h *Handler) logRefusal(ctx context.Context, about telemetry.Request, failure *apierror.Error) {
	if failure.Status == http.StatusTooManyRequests {
		h.telemetry.Metrics.Limited()
	}
	if about.Route != function.FallbackKey {
		telemetry.FromContext(ctx).WarnContext(ctx, "request refused", "status", failure.Status, "code", failure.Code)
	}
}

// failed logs what the client is not told, and reports it when it is the
// backend's fault.
func (h *Handler) logFailure(ctx context.Context, about telemetry.Request, failure *apierror.Error) {
	logger := telemetry.FromContext(ctx).With("status", failure.Status, "code", failure.Code, "error", failure.Error())
	var panicked *telemetry.Panic
	if errors.As(failure, &panicked) {
		logger = logger.With("stack", panicked.Stack())
	}
	if failure.Status < http.StatusInternalServerError {
		h.logRefusal(ctx, about, failure)
		logger.InfoContext(ctx, "request failed")
		return
	}
	logger.ErrorContext(ctx, "request failed")
	h.reporter.report(ctx, failure, errortracking.Event{Route: about.Route, RequestID: about.ID, Status: failure.Status, Code: failure.Code})
}
