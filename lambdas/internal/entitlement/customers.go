package entitlement

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/revenuecat"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// source is the Source of what RevenueCat says.
const source = "revenuecat"

// checkTimeout bounds all requests of one check together: a function has 10 s by
// default, and needs some of them for its own work.
const checkTimeout = 5 * time.Second

// anonymousID begins the ids that RevenueCat gives to customers who are not signed in.
// https://www.revenuecat.com/docs/customers/identifying-customers
const anonymousID = "$RCAnonymousID:"

// customers is the part of RevenueCat that a check needs. Both methods return
// revenuecat.ErrNoCustomer or an error of package external.
type customers interface {
	ActiveEntitlements(ctx context.Context, customerID string) ([]revenuecat.Entitlement, error)
	Aliases(ctx context.Context, customerID string) ([]string, error)
}

// ask returns the plan that RevenueCat has for the caller, under the user's id or the
// username.
func (r *Reader) ask(ctx context.Context, caller function.Caller) (tables.Entitlement, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	found, err := r.planOf(ctx, caller.UserID)
	if err != nil || found.Plan == tables.Premium || !validation.IsUsername(caller.Username) {
		return found, err
	}
	byName, err := r.planOf(ctx, caller.Username)
	if err != nil || byName.Plan != tables.Premium {
		return found, err
	}
	aliases, err := r.customers.Aliases(ctx, caller.Username)
	if err != nil {
		return tables.Entitlement{}, err
	}
	if !areOwn(aliases, caller) {
		telemetry.FromContext(ctx).WarnContext(ctx, "a customer of RevenueCat has the caller's username and ids of another user")
		return found, nil
	}
	return byName, nil
}

// planOf returns the plan of a customer of RevenueCat; free for an unknown customer.
func (r *Reader) planOf(ctx context.Context, customerID string) (tables.Entitlement, error) {
	plan := tables.Entitlement{Plan: tables.Free}
	active, err := r.customers.ActiveEntitlements(ctx, customerID)
	if errors.Is(err, revenuecat.ErrNoCustomer) {
		return plan, nil
	}
	if err != nil {
		return tables.Entitlement{}, err
	}
	for _, e := range active {
		if e.ID != r.premium {
			continue
		}
		if e.ExpiresAt.IsZero() {
			return tables.Entitlement{Plan: tables.Premium}, nil
		}
		plan.Plan, plan.ExpiresAt = tables.Premium, max(plan.ExpiresAt, e.ExpiresAt.UnixMilli())
	}
	return plan, nil
}

// IsOwn reports whether an id at RevenueCat that a client sent is the caller's: the user's
// id, the username, or an anonymous id of a customer whose other ids are the caller's. It
// returns the errors of RevenueCat.
func (r *Reader) IsOwn(ctx context.Context, caller function.Caller, customerID string) (bool, error) {
	isUsername := func(id string) bool { return id == caller.Username && validation.IsUsername(id) }
	if customerID == caller.UserID || isUsername(customerID) {
		return true, nil
	}
	if !strings.HasPrefix(customerID, anonymousID) {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	aliases, err := r.customers.Aliases(ctx, customerID)
	if errors.Is(err, revenuecat.ErrNoCustomer) {
		return false, nil
	}
	isCallers := slices.Contains(aliases, caller.UserID) || slices.ContainsFunc(aliases, isUsername)
	return isCallers && areOwn(aliases, caller), err
}

// areOwn reports whether every id of a customer is the caller's own or anonymous.
func areOwn(aliases []string, caller function.Caller) bool {
	return !slices.ContainsFunc(aliases, func(id string) bool {
		return id != caller.UserID && id != caller.Username && !strings.HasPrefix(id, anonymousID)
	})
}
