package entitlement

import (
	"context"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// maxEvents is how many ids of events are remembered for a user. RevenueCat repeats an
// event five times within some three hours, and a user causes few events a day.
// https://www.revenuecat.com/docs/integrations/webhooks#webhook-delivery-and-retries
const maxEvents = 20

// Update asks RevenueCat because of an event that it sent, and returns the caller's plan.
// An event that is known asks nothing. What the event says is not read: RevenueCat's
// answer is newer, so that events may come late, twice and in any order.
//
// Update returns the errors of the table and of RevenueCat. After either, the event is
// not known, and its repetition asks again.
func (r *Reader) Update(ctx context.Context, caller function.Caller, eventID string) (Entitlement, error) {
	known, err := r.last(ctx, caller)
	if err != nil {
		return Entitlement{}, err
	}
	if known == nil {
		known = &tables.Entitlement{}
	}
	if slices.Contains(known.Events, eventID) {
		return entitlementOf(known), nil
	}
	begin := r.now()
	answer, err := r.ask(ctx, caller)
	if err != nil {
		return Entitlement{}, err
	}
	answer.UserID, answer.Source, answer.CheckedAt = caller.UserID, source, begin.UnixMilli()
	answer.Events = append(slices.Clone(known.Events), eventID)
	answer.Events = answer.Events[max(0, len(answer.Events)-maxEvents):]
	if err := r.keep(ctx, answer); err != nil {
		return Entitlement{}, err
	}
	return entitlementOf(&answer), nil
}
