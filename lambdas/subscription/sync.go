package subscription

import (
	"context"
	"net/http"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var errOtherSubscriber = apierror.New(http.StatusNotFound, "SUBSCRIBER_NOT_FOUND", "There is no such subscription in your account.")

// syncRequest has the id that the app is signed in with at RevenueCat.
type syncRequest struct {
	UserID string `json:"userId" validate:"required,max=100,plaintext"`
}

type syncResponse struct {
	Success   bool   `json:"success"`
	IsPremium bool   `json:"isPremium"`
	Tier      string `json:"tier"`
	// ExpiresAt is when the plan ends unless the user renews it, null for never.
	ExpiresAt *dates.Instant `json:"expiresAt"`
}

// Sync asks RevenueCat for the caller's plan. The token says who the caller is; the id in
// the request is refused unless it is one of the caller's. An answer about another id
// would tell who has paid.
func (s *subscription) Sync(ctx context.Context, caller function.Caller, in syncRequest) (syncResponse, error) {
	own, err := s.plans.IsOwn(ctx, caller, in.UserID)
	if err != nil {
		// The response is about the caller whatever the id is.
		telemetry.FromContext(ctx).WarnContext(ctx, "check of a subscriber's id failed", "error", err.Error())
	} else if !own {
		return syncResponse{}, errOtherSubscriber
	}
	plan, err := s.plans.Refresh(ctx, caller)
	if err != nil {
		return syncResponse{}, err
	}
	if !plan.Stale {
		user, err := s.accounts.Get(ctx, caller.UserID)
		if err != nil {
			return syncResponse{}, err
		}
		if err := s.showPlan(ctx, user, plan.Plan); err != nil {
			return syncResponse{}, err
		}
	}
	response := syncResponse{Success: true, IsPremium: plan.Plan == tables.Premium, Tier: string(plan.Plan)}
	if !plan.ExpiresAt.IsZero() {
		end := dates.Milliseconds(plan.ExpiresAt.UnixMilli())
		response.ExpiresAt = &end
	}
	return response, nil
}
