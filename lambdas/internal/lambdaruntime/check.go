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

// checker checks the limits of the function's routes. *guard.Guard implements it.
type checker interface {
	// Check returns guard.ErrRevoked, a *guard.LimitedError, or any other error when
	// the check itself failed.
	Check(ctx context.Context, routeKey string, subject guard.LimitKey) error
	// Used returns the used share of the route's stage budgets, in percent.
	Used(routeKey string) map[string]float64
	// Admit gives the secret of a Holder a lane.
	Admit(ctx context.Context, subject guard.LimitKey) error
}

// pseudonyms returns the pseudonyms of source IPs without a signed-in user.
type pseudonyms interface {
	SourceIP(ctx context.Context, ip string) (pseudonym.Pseudonym, error)
}

// guardTimeout is how long a route that fails open waits for the guard. DynamoDB and
// KMS respond within milliseconds; a second leaves time for a retry.
const guardTimeout = time.Second

// check asks the guard about the request. When the check itself fails, the route's
// declaration decides whether the request is served.
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

// callGuard calls the guard, and returns its result as a response to the client.
func (h *Handler) callGuard(ctx context.Context, r route, guarded func(context.Context) error) error {
	asked := ctx
	if r.FailOpen {
		var cancel context.CancelFunc
		asked, cancel = context.WithTimeout(ctx, guardTimeout)
		defer cancel()
	}
	return h.guardError(ctx, r, guarded(asked))
}

// takeStageBudget takes from the budgets that the route shares with all clients. It
// runs after the request has been validated, because an invalid request causes no
// cost.
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
		telemetry.FromContext(ctx).ErrorContext(ctx, "stage budget used up", "route", r.Key)
	}
	return h.guardError(ctx, r, err)
}

// guardError returns the response for an error of the guard.
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

// limitKey returns the key under which the request is counted: the user, or the
// source IP of a signed-out client.
func (h *Handler) limitKey(ctx context.Context, r route, caller function.Caller) (guard.LimitKey, error) {
	if r.Access == function.AccessSignedIn {
		return guard.User(caller), nil
	}
	ip, err := h.pseudonyms.SourceIP(ctx, function.RequestOf(ctx).SourceIP)
	return guard.SourceIP(ip), err
}
