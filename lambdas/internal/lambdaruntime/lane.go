package lambdaruntime

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// admission gives a request's secret a lane, after the request has succeeded.
type admission func(context.Context)

func noAdmission(context.Context) {}

// checkLane reads a request of a route with a lane, and asks the guard about it. A
// secret without a lane counts for the source IP, and so does an invalid request.
func (h *Handler) checkLane(ctx context.Context, r route, event *events.APIGatewayV2HTTPRequest) (any, admission, error) {
	request, invalid := h.readRequest(event, r)
	if invalid != nil {
		if err := h.check(ctx, r, function.Caller{}); err != nil {
			return nil, nil, err
		}
		return nil, nil, invalid
	}
	holder, newcomer := guard.Holder(r.Lane.Secret(request)), false
	err := h.callGuard(ctx, r, func(ctx context.Context) error {
		err := h.guard.Check(ctx, r.Key, holder)
		if newcomer = errors.Is(err, guard.ErrNoLane); !newcomer {
			return err
		}
		subject, err := h.limitKey(ctx, r, function.Caller{})
		if err != nil {
			return err
		}
		return h.guard.Check(ctx, r.Key, subject)
	})
	if err != nil || !newcomer {
		return request, noAdmission, err
	}
	return request, func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, guardTimeout)
		defer cancel()
		if err := h.guard.Admit(ctx, holder); err != nil {
			telemetry.FromContext(ctx).WarnContext(ctx, "lane admission failed", "error", err.Error())
		}
	}, nil
}
