package lambdaruntime

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// checker is the guard of the function's routes.
type checker interface {
	// Check returns guard.ErrRevoked, a *guard.LimitedError, or any other error
	// when it could not find out.
	Check(ctx context.Context, routeKey string, subject guard.LimitKey) error
	// Used returns how much of the route's stage budgets is used, in percent.
	Used(routeKey string) map[string]float64
	// Admit gives a Holder a lane.
	Admit(ctx context.Context, subject guard.LimitKey) error
}

// pseudonyms returns the pseudonyms of source IPs without a signed-in user.
type pseudonyms interface {
	SourceIP(ctx context.Context, ip string) (pseudonym.Pseudonym, error)
}

// guardTimeout is how long a route that fails open waits for the guard. DynamoDB and
// KMS answer in some milliseconds; a second leaves room for a repetition.
const guardTimeout = time.Second

// check asks the guard. When the guard cannot find out, the route's declaration
// says what happens.
func (h *Handler) check(ctx context.Context, r route, caller function.Caller) error {
	if !r.Guarded() {
		return nil
	}
	return h.callGuard(ctx, r, func(ctx context.Context) error {
		subject, err := h.limitKey(ctx, r, caller)
		if err != nil {
			return err
		}
		return h.guard.Check(ctx, r.Key, subject)
	})
}

// callGuard has the guard asked and makes what it says an answer.
func (h *Handler) callGuard(ctx context.Context, r route, guarded func(context.Context) error) error {
	asked := ctx
	if r.FailOpen {
		var cancel context.CancelFunc
		asked, cancel = context.WithTimeout(ctx, guardTimeout)
		defer cancel()
	}
	return h.guardError(ctx, r, guarded(asked))
}

// takeStageBudget takes from the budgets that the route shares with all clients. It comes after
// the request is found valid: what costs nothing takes nothing.
func (h *Handler) takeStageBudget(ctx context.Context, r route) error {
	if !r.HasStageBudget() {
		return nil
	}
	err := h.guard.Check(ctx, r.Key, guard.Stage)
	for budget, percent := range h.guard.Used(r.Key) {
		h.telemetry.Metrics.BudgetUsed(budget, percent)
	}
	var limited *guard.LimitedError
	if errors.As(err, &limited) {
		telemetry.FromContext(ctx).ErrorContext(ctx, "a budget of the stage is used up", "route", r.Key)
	}
	return h.guardError(ctx, r, err)
}

// guardError returns the response to what the guard found.
func (h *Handler) guardError(ctx context.Context, r route, err error) error {
	var limited *guard.LimitedError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, guard.ErrRevoked):
		return apierror.Unauthorized.Because(err)
	case errors.As(err, &limited):
		return apierror.TooMany.After(limited.RetryAfter).Because(err)
	case r.FailOpen:
		telemetry.FailedOpen(ctx, "limits", err)
		return nil
	default:
		return apierror.Unavailable.After(time.Second).Because(err)
	}
}

// subject is whom the request counts for.
func (h *Handler) limitKey(ctx context.Context, r route, caller function.Caller) (guard.LimitKey, error) {
	if r.Access == function.AccessSignedIn {
		return guard.User(caller), nil
	}
	ip, err := h.pseudonyms.SourceIP(ctx, function.RequestOf(ctx).SourceIP)
	return guard.SourceIP(ip), err
}
