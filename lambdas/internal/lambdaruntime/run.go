package lambdaruntime

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
)

// runUseCase runs the use case, once for repeated requests where the route is
// idempotent. Requests with different paths or queries are different requests.
func (h *Handler) runUseCase(ctx context.Context, r route, caller function.Caller, event *events.APIGatewayV2HTTPRequest, request any) (any, error) {
	if !r.Idempotent {
		return r.useCase(ctx, caller, request)
	}
	body, err := rawBody(event)
	if err != nil {
		return nil, err
	}
	same := idempotency.Request{
		User:      caller.UserID,
		Route:     r.Key + " " + event.RawPath + "?" + event.RawQueryString,
		ClientKey: event.Headers["idempotency-key"],
		Body:      body,
	}
	return idempotency.Do(ctx, h.records, same, func(ctx context.Context) (json.RawMessage, error) {
		response, err := r.useCase(ctx, caller, request)
		if err != nil {
			return nil, err
		}
		encoded, err := json.Marshal(response)
		if err != nil {
			return nil, fmt.Errorf("encode answer: %w", err)
		}
		return encoded, nil
	})
}
