package external

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// The failures of a service, for errors.Is. Other errors of a call are a *StatusError
// below 500, a cancelled context, or a mistake in the call itself.
var (
	// ErrUnavailable means that the service cannot be reached, responds with 5xx, or
	// has an open circuit breaker.
	ErrUnavailable = errors.New("service is unavailable")
	// ErrTimeout means that the service did not respond in time, or that the request
	// had no time left to call it.
	ErrTimeout = errors.New("no answer in the time allowed")
	// ErrTooLarge means that the response is larger than the service's MaxBytes.
	ErrTooLarge = errors.New("answer is too large")
	// ErrInvalidResponse means that the response breaks the service's contract: not
	// JSON, null, JSON of another shape, or a redirect.
	ErrInvalidResponse = errors.New("answer cannot be used")
)

// StatusError is a response with status 400 or above. From 500 on it is also
// ErrUnavailable.
type StatusError struct {
	Service string
	Status  int
	// Body is the body of the response. It may identify the customer, so it must not
	// be logged.
	Body []byte
	// RetryAfter is the wait that the service asks for, zero without one.
	RetryAfter time.Duration
}

// Error returns the service and the status, without the body.
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: answered %d %s", e.Service, e.Status, http.StatusText(e.Status))
}

// Is reports a 5xx as ErrUnavailable.
func (e *StatusError) Is(target error) bool {
	return target == ErrUnavailable && e.Status >= http.StatusInternalServerError
}

// IsStatus reports whether err is a response with this status.
func IsStatus(err error, status int) bool {
	var answer *StatusError
	return errors.As(err, &answer) && answer.Status == status
}

// IsUnauthorized reports whether err is a response with status 401, which refuses the
// credential.
func IsUnauthorized(err error) bool { return IsStatus(err, http.StatusUnauthorized) }

// sentError is the error of an attempt whose request may have reached the service.
type sentError struct{ error }

func (e sentError) Unwrap() error { return e.error }

// IsUnknown reports whether the service may have acted on a call that failed. It has not
// when it answered a 4xx, and when the call had no connection to it, as behind an open
// circuit breaker. A 5xx is unknown: a gateway answers 502, 503 or 504 for a service whose
// connection broke after it took the request. A call that is repeated has the error of its
// last attempt only.
func IsUnknown(err error) bool {
	var sent sentError
	return errors.As(err, &sent)
}

type actedCounter struct{}

// CountActed returns a context whose calls count in n the attempts that the service acted
// on or may have acted on: those with a 2xx, and those whose failure IsUnknown reports.
func CountActed(ctx context.Context, n *atomic.Int64) context.Context {
	return context.WithValue(ctx, actedCounter{}, n)
}

func countActed(ctx context.Context) {
	if n, counts := ctx.Value(actedCounter{}).(*atomic.Int64); counts {
		n.Add(1)
	}
}

// transportError returns the package's error for an error of net/http. It leaves out
// the URL that net/http adds, because its path may identify a customer.
func (c *Client) transportError(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", c.service.Name, err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return fmt.Errorf("%s: %w", c.service.Name, ErrTimeout)
	default:
		return fmt.Errorf("%s: %w: %w", c.service.Name, ErrUnavailable, err)
	}
}
