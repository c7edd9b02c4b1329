package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
)

// Handler answers the API requests of one function.
type Handler struct {
	routes   map[string]function.Route
	useCases map[string]function.UseCase
	checker  *validation.Checker
	logger   *slog.Logger
	now      func() time.Time
}

// NewHandler builds the function's service from the environment. It returns
// every right the service lacks and every variable that is not set.
func NewHandler(f *function.Function, env *function.Environment, logger *slog.Logger) (*Handler, error) {
	useCases, err := f.Bind(env)
	if err != nil {
		return nil, err
	}
	routes := make(map[string]function.Route, len(f.Routes))
	for _, route := range f.Routes {
		routes[route.Key] = route
	}
	return &Handler{
		routes:   routes,
		useCases: useCases,
		checker:  validation.New(),
		logger:   logger.With("function", f.Name),
		now:      time.Now,
	}, nil
}

// Handle answers one request. It never returns an error: every failure is an
// HTTP answer.
func (h *Handler) Handle(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	started := h.now()
	logger := h.logger.With("requestId", event.RequestContext.RequestID, "route", event.RouteKey)

	answer, err := h.serve(ctx, &event)
	status := http.StatusOK
	if err != nil {
		failure := apierror.From(err)
		status, answer = failure.Status, failure.Body(event.RawPath, event.RequestContext.RequestID, h.now())
		logFailure(ctx, logger, failure)
	}
	logger.InfoContext(ctx, "request", "status", status, "durationMs", h.now().Sub(started).Milliseconds())
	return respond(status, answer), nil
}

// serve takes a request through the steps that every request takes.
func (h *Handler) serve(ctx context.Context, event *events.APIGatewayV2HTTPRequest) (answer any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = apierror.Internal.Because(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
		}
	}()
	route, known := h.routes[event.RouteKey]
	if !known {
		return nil, apierror.NotFound
	}
	caller, err := authenticate(route.Access, event)
	if err != nil {
		return nil, err
	}
	request := route.NewRequest()
	if err := decode(event, route.BodyLimit, request); err != nil {
		return nil, err
	}
	if err := h.validate(event.RawPath, request); err != nil {
		return nil, err
	}
	return h.useCases[route.Key](ctx, caller, request)
}

func (h *Handler) validate(path string, request any) error {
	err := h.checker.Check(request)
	var problems validation.Problems
	if errors.As(err, &problems) {
		return apierror.Invalid(path, "VALIDATION_ERROR", problems.Error(), problems.Fields())
	}
	return err
}

// authenticate returns the caller from the claims that the API's authorizer has
// checked. The authorizer accepts any token of the pool's client; only an
// access token may act, so an ID token is refused here.
func authenticate(access function.Access, event *events.APIGatewayV2HTTPRequest) (function.Caller, error) {
	if access == function.Anyone {
		return function.Caller{}, nil
	}
	authorizer := event.RequestContext.Authorizer
	if authorizer == nil || authorizer.JWT == nil {
		return function.Caller{}, apierror.Unauthorized.Because(errors.New("the request has no claims"))
	}
	claims := authorizer.JWT.Claims
	if claims["token_use"] != "access" || claims["sub"] == "" {
		return function.Caller{}, apierror.Unauthorized.Because(errors.New("the token is not an access token"))
	}
	return function.Caller{
		UserID:    claims["sub"],
		Username:  claims["username"],
		TokenID:   claims["jti"],
		SessionID: claims["origin_jti"],
	}, nil
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

func respond(status int, answer any) events.APIGatewayV2HTTPResponse {
	body, err := json.Marshal(answer)
	if err != nil {
		// Only a type that JSON cannot express comes here, which a test of the
		// route would have shown.
		status, body = http.StatusInternalServerError, []byte(`{"error":{"code":"INTERNAL_ERROR","message":"An unexpected error occurred."}}`)
	}
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status,
		Headers:    map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store"},
		Body:       string(body),
	}
}
