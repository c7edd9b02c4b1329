package external

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// The failures of a service, to be told apart with errors.Is. Everything else
// that a call returns is a *StatusError below 500, a cancelled context or a
// mistake in the call itself.
var (
	// ErrUnavailable means that the service cannot be reached, answers 5xx, or
	// is not asked because its circuit breaker is open.
	ErrUnavailable = errors.New("service is unavailable")
	// ErrTimeout means that the service did not answer in the time allowed, or
	// that the request had no time left to ask.
	ErrTimeout = errors.New("no answer in the time allowed")
	// ErrTooLarge means that the answer is larger than the service's MaxBytes.
	ErrTooLarge = errors.New("answer is too large")
	// ErrInvalidResponse means that the answer is not what the service promises:
	// not JSON, null, JSON of another shape, or a redirect.
	ErrInvalidResponse = errors.New("answer cannot be used")
)

// StatusError is an answer with status 400 or above. From 500 on it is also
// ErrUnavailable.
type StatusError struct {
	Service string
	Status  int
	// Body is what the service says about the error. It may name the customer
	// and is not for logs.
	Body []byte
	// RetryAfter is how long the service asks to wait; zero when it does not say.
	RetryAfter time.Duration
}

// Error returns the service and the status, and nothing of the body.
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: answered %d %s", e.Service, e.Status, http.StatusText(e.Status))
}

// Is makes every 5xx an ErrUnavailable.
func (e *StatusError) Is(target error) bool {
	return target == ErrUnavailable && e.Status >= http.StatusInternalServerError
}

// IsStatus reports whether err is an answer with this status.
func IsStatus(err error, status int) bool {
	var answer *StatusError
	return errors.As(err, &answer) && answer.Status == status
}

// transportError says what kind of failure an error of net/http is. The URL
// that net/http puts around its errors is left out: its path may name a customer.
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
