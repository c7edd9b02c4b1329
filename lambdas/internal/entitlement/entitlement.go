package entitlement

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/transient"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// See "How long an answer is kept" and "When RevenueCat does not answer" in the
// package's documentation.
const (
	maxAge      = 6 * time.Hour
	minAge      = 5 * time.Minute
	outageGrace = 24 * time.Hour
)

// Entitlement is what plan a user has.
type Entitlement struct {
	Plan tables.Plan
	// ExpiresAt is when the plan ends unless the user renews it. Zero means that the plan
	// has no end, as the free plan has none.
	ExpiresAt time.Time
	// CheckedAt is when RevenueCat said so. Zero means never.
	CheckedAt time.Time
	// Stale reports that RevenueCat was to be asked and did not answer: this is what was
	// known last.
	Stale bool
}

// Reader tells the plans of users. It is safe for concurrent use.
type Reader struct {
	known     *store.Table[tables.Entitlement]
	customers customers
	// premium is RevenueCat's id of the entitlement that makes a user premium.
	premium string
	now     func() time.Time
	flight  singleflight.Group
}

// Of returns the caller's plan. Calls for one caller that run in parallel in this
// process share one request to RevenueCat. Of returns the errors of the table, and the
// context's error when that ends first; it returns no error of RevenueCat.
//
// A caller without a username, as a consumer of a queue has it, is looked up by the
// user's id alone, and that answer is not kept.
func (r *Reader) Of(ctx context.Context, caller function.Caller) (Entitlement, error) {
	result := r.flight.DoChan(caller.UserID+"#"+caller.Username, func() (any, error) {
		ctx, cancel := detached(ctx)
		defer cancel()
		known, err := r.last(ctx, caller)
		if err != nil {
			return Entitlement{}, err
		}
		if known != nil && r.now().Before(keptUntil(known)) {
			return entitlementOf(known), nil
		}
		return r.check(ctx, caller, known)
	})
	select {
	case <-ctx.Done():
		return Entitlement{}, fmt.Errorf("read entitlement: %w", ctx.Err())
	case out := <-result:
		return out.Val.(Entitlement), out.Err
	}
}

// Refresh asks RevenueCat, however fresh the last answer is, and returns the caller's
// plan. It returns the errors of Of. The result is Stale when RevenueCat did not
// answer.
func (r *Reader) Refresh(ctx context.Context, caller function.Caller) (Entitlement, error) {
	known, err := r.last(ctx, caller)
	if err != nil {
		return Entitlement{}, err
	}
	return r.check(ctx, caller, known)
}

// detached returns the context of work that several callers wait for. The end of one
// request does not end the work; the deadline, which all have alike, does.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, limited := ctx.Deadline(); limited {
		return context.WithDeadline(context.WithoutCancel(ctx), deadline)
	}
	return context.WithCancel(context.WithoutCancel(ctx))
}

// last returns what is known of the caller, or nil.
func (r *Reader) last(ctx context.Context, caller function.Caller) (*tables.Entitlement, error) {
	known, err := r.known.Get(ctx, store.Key{caller.UserID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return known, err
}

// check asks RevenueCat and keeps the answer. Without an answer, it returns what is
// known.
func (r *Reader) check(ctx context.Context, caller function.Caller, known *tables.Entitlement) (Entitlement, error) {
	log := telemetry.FromContext(ctx)
	begin := r.now()
	answer, err := r.ask(ctx, caller)
	if err != nil {
		if transient.Is(err) {
			log.WarnContext(ctx, "entitlement check failed", "error", err.Error())
		} else {
			log.ErrorContext(ctx, "entitlement check failed", "error", err.Error())
		}
		return r.withoutAnswer(known), nil
	}
	answer.UserID, answer.Source, answer.CheckedAt = caller.UserID, source, begin.UnixMilli()
	if known != nil {
		answer.Events = known.Events
	}
	if caller.Username != "" {
		if err := r.keep(ctx, answer); err != nil {
			log.WarnContext(ctx, "entitlement write failed", "error", err.Error())
		}
	}
	return entitlementOf(&answer), nil
}

// keep stores the answer, unless a later one is stored.
func (r *Reader) keep(ctx context.Context, answer tables.Entitlement) error {
	checkedAt := expression.Name("checkedAt")
	older := expression.Or(checkedAt.AttributeNotExists(), checkedAt.LessThanEqual(expression.Value(answer.CheckedAt)))
	return store.IgnoreConditionFailed(r.known.Put(ctx, answer, older))
}

// withoutAnswer returns the plan of a user while RevenueCat does not answer.
func (r *Reader) withoutAnswer(known *tables.Entitlement) Entitlement {
	if known == nil {
		return Entitlement{Plan: tables.Free, Stale: true}
	}
	e := entitlementOf(known)
	if !e.ExpiresAt.IsZero() && !r.now().Before(e.ExpiresAt.Add(outageGrace)) {
		e = Entitlement{Plan: tables.Free, CheckedAt: e.CheckedAt}
	}
	e.Stale = true
	return e
}

// keptUntil returns until when an answer is used without asking again.
func keptUntil(known *tables.Entitlement) time.Time {
	checked := time.UnixMilli(known.CheckedAt)
	end := checked.Add(maxAge)
	if expiry := time.UnixMilli(known.ExpiresAt); known.ExpiresAt != 0 && expiry.Before(end) {
		end = expiry
	}
	if earliest := checked.Add(minAge); end.Before(earliest) {
		return earliest
	}
	return end
}

func entitlementOf(known *tables.Entitlement) Entitlement {
	e := Entitlement{Plan: known.Plan, CheckedAt: time.UnixMilli(known.CheckedAt)}
	if known.ExpiresAt != 0 {
		e.ExpiresAt = time.UnixMilli(known.ExpiresAt)
	}
	return e
}
