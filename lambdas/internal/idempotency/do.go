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

// The responses to a repeated request that has no stored response.
var (
	// ErrInProgress is the response while another attempt still runs after several
	// polls. Its status is 429, because the app reads a retry time outside /auth/
	// from a 429 only.
	ErrInProgress = apierror.New(http.StatusTooManyRequests, "IN_PROGRESS", "This is being done already. Please try again in a moment.").After(time.Second)
	// ErrKeyReused is the response to a request with the key of a different request.
	ErrKeyReused = apierror.New(http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED", "This request differs from the one it repeats.")
	// ErrDone is the response to a repeated request whose response was too large to
	// store.
	ErrDone = apierror.New(http.StatusUnprocessableEntity, "ALREADY_DONE", "This has been done already.")
)

// pollIntervals are the waits between polls for the result of another attempt: 4.7 s
// together, longer than most requests take. A user who tapped twice gets the response
// to the first tap.
var pollIntervals = []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond, 1600 * time.Millisecond, 1600 * time.Millisecond}

// Do runs the request unless it was done within its window, and returns its response.
// Out is any type that survives JSON; with json.RawMessage a repeated response is
// byte for byte the same. When run fails, the client may repeat the request at once.
// If ctx has ended, the lease must end first. Do returns ErrInProgress, ErrKeyReused,
// ErrDone, the error of run, and the errors of DynamoDB and KMS from before run.
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
	if a.forget {
		if _, err := a.release(ctx); err != nil {
			slog.WarnContext(ctx, "forgetting a finished request failed", "error", err.Error())
		}
		return out, nil
	}
	if !a.inTransaction {
		if err := a.finish(ctx, out); err != nil {
			// The request was done, so the client gets its response.
			slog.WarnContext(ctx, "recording a finished request failed", "error", err.Error())
		}
	}
	if a.response == nil {
		return out, nil
	}
	return decode[Out](a.response) // as a repeated request gets it
}

// resolveFailure ends an attempt whose run returned cause. It returns nil if the
// request was done all the same, and otherwise cause.
func (a *attempt) resolveFailure(ctx context.Context, cause error) error {
	found, err := a.release(ctx)
	switch {
	case err != nil:
		slog.WarnContext(ctx, "releasing a failed request failed", "error", err.Error())
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

// acquire begins the request, or returns the response of an earlier attempt. It waits
// while another attempt runs.
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

// Completion returns the write that records the request as done, with its response.
// Put the write into the transaction that does the request. ctx is the context that
// Do gave to run. The transaction fails without any effect when another attempt has
// taken the request over.
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

// Identity returns what the attempts of a request have in common: an id, which a request
// with another body does not have, and the window in which a request with this id is an
// attempt of the same one. The id is a hash, as those of the record are. A failed attempt
// leaves no record, so that a use case whose writes are not one transaction finds by the id
// what an earlier attempt wrote. ctx is the context that Do gave to run.
func Identity(ctx context.Context) (id string, window time.Duration, err error) {
	a, ok := ctx.Value(attemptKey{}).(*attempt)
	if !ok {
		return "", 0, errors.New("idempotency.Identity is called outside idempotency.Do")
	}
	return digest(a.record.ID, a.record.Fingerprint), a.request.window(), nil
}

// Forget has a later request that is the same be done again. It is for use cases of a
// route that creates and replaces: a user who sets a value, another and the first again
// means the last of the three. ctx is the context that Do gave to run.
func Forget(ctx context.Context) {
	if a, ok := ctx.Value(attemptKey{}).(*attempt); ok {
		a.forget = true
	}
}
