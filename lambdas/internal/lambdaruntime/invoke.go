package lambdaruntime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// errEventFailed is the whole error that the caller of an event gets, because Cognito
// passes the text of an error on to the client.
var errEventFailed = errors.New("the event could not be handled; the log says why")

// Invoke answers an invocation: a request of the API with a response, another event
// with what its handler returned. It makes a Handler a lambda.Handler.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if event, is := h.eventOf(payload); is {
		handle := h.handleEvent
		if event.Batched() {
			handle = h.deliver
		}
		response, err := handle(ctx, event, payload)
		if err != nil {
			return nil, err
		}
		return json.Marshal(response)
	}
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, h.refuseUnknownEvent(ctx, err)
	}
	if event.RouteKey == "" {
		return nil, h.refuseUnknownEvent(ctx, errors.New("it has no route key"))
	}
	response, err := h.Handle(ctx, event)
	if err != nil {
		return nil, err
	}
	return json.Marshal(response)
}

// eventOf returns the declared event that the payload is, and false when it is none.
func (h *Handler) eventOf(payload []byte) (function.Event, bool) {
	var in function.Invocation
	if len(h.events) == 0 || json.Unmarshal(payload, &in) != nil {
		return function.Event{}, false
	}
	for _, event := range h.events {
		if event.Matches(in) {
			return event, true
		}
	}
	return function.Event{}, false
}

// handleEvent runs the handler of an event within an invocation.
func (h *Handler) handleEvent(ctx context.Context, event function.Event, payload []byte) (response any, err error) {
	about := telemetry.Request{Route: event.Key}
	ctx, end := h.begin(ctx, about)
	if response, err = h.runEventHandler(ctx, event.Key, payload); err == nil {
		end(http.StatusOK, nil)
		return response, nil
	}
	failure := apierror.Internal.Because(err)
	h.logFailure(ctx, about, failure)
	end(failure.Status, failure)
	return nil, errEventFailed
}

// refuseUnknownEvent refuses an invocation that is neither a request nor a declared
// event. Its caller is misconfigured, or has a permission that it should not have.
func (h *Handler) refuseUnknownEvent(ctx context.Context, cause error) error {
	about := telemetry.Request{Route: "unknown"}
	ctx, end := h.begin(ctx, about)
	failure := apierror.Internal.Because(fmt.Errorf("the invocation is no request of an HTTP API (payload format 2.0): %w", cause))
	h.logFailure(ctx, about, failure)
	end(failure.Status, failure)
	return errEventFailed
}

func (h *Handler) runEventHandler(ctx context.Context, key string, payload []byte) (response any, err error) {
	defer recoverPanic(&err)
	ctx, cancel := h.withMargin(ctx)
	defer cancel()
	return h.eventHandlers[key](ctx, payload)
}
