package lambdaruntime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// errFailed is all that whoever invoked the function for an event is told:
// Cognito would hand more on to the client.
var errFailed = errors.New("the event could not be handled; the log says why")

// Invoke answers an invocation: a request of the API with an answer, another
// event with what its reaction returned. It makes a Handler a lambda.Handler.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if key, is := h.eventKey(payload); is {
		answer, err := h.react(ctx, key, payload)
		if err != nil {
			return nil, err
		}
		return json.Marshal(answer)
	}
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, h.unknown(ctx, err)
	}
	if event.RouteKey == "" {
		return nil, h.unknown(ctx, errors.New("it has no route key"))
	}
	response, err := h.Handle(ctx, event)
	if err != nil {
		return nil, err
	}
	return json.Marshal(response)
}

// eventKey returns the key of the function.Event that the payload is, and false
// when it is none.
func (h *Handler) eventKey(payload []byte) (string, bool) {
	if len(h.reactions) == 0 {
		return "", false
	}
	var event struct {
		Schedule      string `json:"schedule"`
		Command       string `json:"command"`
		TriggerSource string `json:"triggerSource"` // such as DefineAuthChallenge_Authentication
		function.RotationStep
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return "", false
	}
	if event.Schedule != "" {
		return function.ScheduleKey, true
	}
	if event.Command != "" {
		return function.CommandKey(event.Command), true
	}
	if event.Step != "" && event.SecretID != "" {
		return function.RotationKey, true
	}
	trigger, _, is := strings.Cut(event.TriggerSource, "_")
	return trigger, is
}

// react does what is to be done at an event.
func (h *Handler) react(ctx context.Context, key string, payload []byte) (answer any, err error) {
	about := telemetry.Request{Route: key}
	ctx, end := h.telemetry.begin(ctx, h.function, about)
	if answer, err = h.reaction(ctx, key, payload); err == nil {
		end(http.StatusOK, nil)
		return answer, nil
	}
	failure := apierror.Internal.Because(err)
	h.failed(ctx, about, failure)
	end(failure.Status, failure)
	return nil, errFailed
}

// unknown is for an invocation that is no event of ours: whoever makes it is
// misconfigured, or should not be able to.
func (h *Handler) unknown(ctx context.Context, cause error) error {
	about := telemetry.Request{Route: "unknown"}
	ctx, end := h.telemetry.begin(ctx, h.function, about)
	failure := apierror.Internal.Because(fmt.Errorf("the invocation is no request of an HTTP API (payload format 2.0): %w", cause))
	h.failed(ctx, about, failure)
	end(failure.Status, failure)
	return errFailed
}

func (h *Handler) reaction(ctx context.Context, key string, payload []byte) (answer any, err error) {
	defer recovered(&err)
	ctx, cancel := h.withMargin(ctx)
	defer cancel()
	react, known := h.reactions[key]
	if !known {
		return nil, fmt.Errorf("the function has no reaction to %q", key)
	}
	return react(ctx, payload)
}
