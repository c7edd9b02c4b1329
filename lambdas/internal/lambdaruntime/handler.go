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

	"github.com/expenzez/infrastructure/constructs/origincheck"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/errorreport"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/tracing"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Handler serves the API requests and the other events of one function.
type Handler struct {
	function      string
	routes        map[string]route
	events        []function.Event
	eventHandlers map[string]function.EventHandler
	messages      map[string]function.MessageHandler
	origin        origin
	guard         checker
	pseudonyms    pseudonyms
	records       *idempotency.Records
	rules         *validation.Checker
	telemetry     Telemetry
	reporter      *reporter
	waits         map[string]*waits
	now           func() time.Time
	margin        time.Duration
}

// route is a route with everything that the pipeline prepared for it at start.
type route struct {
	function.Route
	useCase    function.UseCase
	parameters []parameter
}

// responseMargin is the part of an invocation's time that is reserved for the
// response, the log and the metrics. A use case that reaches its deadline therefore
// gets a 503 instead of being cut off. The margin covers the longest sending of reports
// and the longest flush of spans.
const responseMargin = reportTimeout + tracing.FlushTimeout + 100*time.Millisecond

// NewHandler builds the function's service from its resources, which the caller
// starts afterwards. The error names every permission and every variable that the
// service lacks.
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
		waits:         waitsOf(f, resources),
		now:           time.Now,
		margin:        responseMargin,
	}
	if f.ReportsErrors() {
		h.reporter = newReporter(resources.AWS, resources.Queue(function.ErrorReports.Queue), f.Name)
	}
	if len(f.Routes) > 0 {
		h.origin = newOrigin(resources)
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

// warmUp reads an empty request of each route and encodes a response, which is not
// sent. encoding/json and package validation inspect each type once. warmUp moves
// that work to the start, which has a whole processor.
func (h *Handler) warmUp() {
	var event events.APIGatewayV2HTTPRequest
	_ = json.Unmarshal([]byte(`{"body":"{}"}`), &event)
	for _, route := range h.routes {
		_, _ = h.readRequest(&event, route)
	}
	_, _ = json.Marshal(h.respond(&event, apierror.NotFound))
}

// Handle serves one request. Its error is always nil, because every failure becomes
// an HTTP response.
func (h *Handler) Handle(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	started := h.now()
	about := telemetry.Request{ID: event.RequestContext.RequestID, Route: event.RouteKey}
	ctx, end := h.begin(ctx, about)

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

// withRequest returns a context of the request, if the request came through the stage's
// edge.
func (h *Handler) withRequest(ctx context.Context, event *events.APIGatewayV2HTTPRequest) (context.Context, error) {
	ip, country, err := h.origin.client(ctx, event, h.now())
	if err != nil {
		return ctx, err
	}
	return function.WithRequest(ctx, function.Request{
		ID:        event.RequestContext.RequestID,
		SourceIP:  ip,
		Country:   country,
		UserAgent: event.RequestContext.HTTP.UserAgent,
	}), nil
}

// serve takes a request through the steps of every request.
func (h *Handler) serve(ctx context.Context, event *events.APIGatewayV2HTTPRequest) (response events.APIGatewayV2HTTPResponse, err error) {
	defer recoverPanic(&err)
	ctx, cancel := h.withMargin(ctx)
	defer cancel()
	lap := h.stepTimer()

	ctx, err = h.withRequest(ctx, event)
	if err != nil {
		return response, err
	}
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

// checkAndRead returns the route's request if the guard accepts it. A request of a
// route with a lane is read before the check, because it contains the lane's secret.
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

// stepTimer returns a function that records the time since its previous call.
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

// withMargin returns a context that ends before the invocation ends.
func (h *Handler) withMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, end.Add(-h.margin))
	}
	return context.WithCancel(ctx)
}

// readRequest returns the route's request: decoded, with its parameters, and valid.
func (h *Handler) readRequest(event *events.APIGatewayV2HTTPRequest, r route) (any, error) {
	request := r.NewRequest()
	read := decode
	if r.Form {
		read = decodeForm
	}
	if err := read(event, r.BodyLimit, request); err != nil {
		return nil, err
	}
	if err := bind(event, r.parameters, request); err != nil {
		return nil, err
	}
	return request, h.rules.Check(request)
}

// clientError returns the response for an error. A broken validation rule is a client
// error, whether the request or the text to be stored broke it.
func clientError(event *events.APIGatewayV2HTTPRequest, err error) *apierror.Error {
	var problems validation.Problems
	if errors.As(err, &problems) {
		return apierror.Invalid(event.RawPath, "VALIDATION_ERROR", problems.Error(), problems.Fields())
	}
	return apierror.From(err)
}

// logRefusal logs a 4xx at a level that every stage keeps, and counts the refusals of
// limits and of requests that bypassed the edge. The line leaves out the error's text, which may contain what the client
// sent. Requests that match no route are left out, since scanners on the internet
// send many.
func (h *Handler) logRefusal(ctx context.Context, about telemetry.Request, failure *apierror.Error) {
	if failure.Status == http.StatusTooManyRequests {
		h.telemetry.Metrics.Limited()
	}
	if errors.Is(failure, origincheck.ErrNotFromEdge) {
		h.telemetry.Metrics.OriginRefused()
	}
	if about.Route != function.FallbackKey {
		telemetry.FromContext(ctx).WarnContext(ctx, "request refused", "status", failure.Status, "code", failure.Code)
	}
}

// logFailure logs the details that the client does not get, and reports failures of
// the backend.
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
	h.reporter.report(ctx, failure, errorreport.Failure{Route: about.Route, RequestID: about.ID, Status: failure.Status, Code: failure.Code})
}
