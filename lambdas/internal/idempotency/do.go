package idempotency

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/backoff"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// The answers to a request that cannot be done, nor be answered as before.
var (
	// ErrInProgress answers a request of which another attempt is still at work
	// after a while. It is a 429, because of what the app can read outside /auth/
	// only that says when to try again.
	ErrInProgress = apierror.New(http.StatusTooManyRequests, "IN_PROGRESS", "This is being done already. Please try again in a moment.").After(time.Second)
	// ErrKeyReused answers a request with the key of another one.
	ErrKeyReused = apierror.New(http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED", "This request differs from the one it repeats.")
	// ErrDone answers a repeated request whose answer was too large to keep.
	ErrDone = apierror.New(http.StatusUnprocessableEntity, "ALREADY_DONE", "This has been done already.")
)

// pollIntervals are the pauses between looks at a request that another attempt is doing:
// together 4.7 s, longer than all but the slowest requests take. Whoever tapped
// twice gets the answer of the first tap.
var pollIntervals = []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond, 1600 * time.Millisecond, 1600 * time.Millisecond}

// Do runs the request unless it was done within its window, and returns its
// answer. Out is any type that survives JSON; with json.RawMessage a repeated
// answer is the same to the byte. When run fails, the request may be repeated at
// once, unless ctx has ended: then its lease has to end first. Do returns
// ErrInProgress, ErrKeyReused, ErrDone, what run returned, and the errors of
// DynamoDB and KMS from before run was called.
func Do[Out any](ctx context.Context, r *Records, request Request, run func(context.Context) (Out, error)) (Out, error) {
	var none Out
	if err := request.validate(); err != nil {
		return none, err
	}
	a, response, err := r.acquire(ctx, request)
	if err != nil {
		return none, err
	}
	if a == nil {
		return decode[Out](response)
	}
	out, err := run(context.WithValue(ctx, attemptKey{}, a))
	if err != nil {
		if err := a.resolveFailure(ctx, err); err != nil {
			return none, err
		}
		return decode[Out](a.response)
	}
	if !a.inTransaction {
		if err := a.finish(ctx, out); err != nil {
			// The request was done, and the client must hear so.
			slog.WarnContext(ctx, "a request was done and not recorded", "error", err.Error())
		}
	}
	if a.response == nil {
		return out, nil
	}
	return decode[Out](a.response) // what a repetition gets
}

// failed ends an attempt whose run returned cause, which it returns unless the
// request was done all the same.
func (a *attempt) resolveFailure(ctx context.Context, cause error) error {
	found, err := a.release(ctx)
	switch {
	case err != nil:
		slog.WarnContext(ctx, "a failed request stays leased", "error", err.Error())
		return cause
	case found == nil:
		return cause
	case found.LeaseID == a.record.LeaseID:
		return nil
	case a.inTransaction && errors.Is(cause, store.ErrConditionFailed):
		return ErrInProgress.Because(cause) // another attempt has taken over
	default:
		return cause
	}
}

// acquire begins the request, or returns the answer it was given; it waits for
// another attempt to come to an end.
func (r *Records) acquire(ctx context.Context, request Request) (*attempt, json.RawMessage, error) {
	for poll := 0; ; poll++ {
		a, held, err := r.begin(ctx, request)
		switch {
		case err != nil || a != nil:
			return a, nil, err
		case held.Fingerprint != request.fingerprint():
			return nil, nil, ErrKeyReused
		case held.Done && held.Response == "":
			return nil, nil, ErrDone
		case held.Done:
			return nil, json.RawMessage(held.Response), nil
		case poll == len(pollIntervals) || !backoff.Fits(ctx, pollIntervals[poll]) || !backoff.Sleep(ctx, pollIntervals[poll]):
			return nil, nil, ErrInProgress
		}
	}
}

func decode[Out any](response json.RawMessage) (Out, error) {
	var out Out
	if err := json.Unmarshal(response, &out); err != nil {
		return out, fmt.Errorf("decode the answer that was kept: %w", err)
	}
	return out, nil
}

type attemptKey struct{}

// Completion returns the write that records the request as done, with its
// answer, to be part of the transaction that does it; ctx is the one that Do
// gave to run. The transaction fails, and nothing is done, when another attempt
// has taken the request over meanwhile.
func Completion(ctx context.Context, response any) (store.Write, error) {
	a, ok := ctx.Value(attemptKey{}).(*attempt)
	if !ok {
		return store.Write{}, errors.New("idempotency.Completion is called outside idempotency.Do")
	}
	change, err := a.completion(response)
	if err != nil {
		return store.Write{}, err
	}
	a.inTransaction = true
	return a.records.items.TxUpdate(store.Key{a.record.ID}, change, a.holdsLease()), nil
}
