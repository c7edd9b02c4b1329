package external

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/backoff"
)

// jitter is the backoff between attempts.
var jitter = backoff.FullJitter{Base: 100 * time.Millisecond, Max: 2 * time.Second}

type retryAllowed struct{}

// AllowRetry returns a context whose calls are safe to repeat although their method
// is not idempotent.
func AllowRetry(ctx context.Context) context.Context {
	return context.WithValue(ctx, retryAllowed{}, true)
}

// retryWait returns the wait before a retry, and whether to retry. A service that
// cannot be reached, a 5xx and a 429 are retried. A retry would not change an invalid
// response, a redirect or a response that is too large, and after a timeout there is
// little time left.
func (c *Client) retryWait(ctx context.Context, req *http.Request, attempt int, failure error) (time.Duration, bool) {
	if attempt >= c.service.Attempts || !isRetryable(req) {
		return 0, false
	}
	if !errors.Is(failure, ErrUnavailable) && !IsStatus(failure, http.StatusTooManyRequests) {
		return 0, false
	}
	wait := jitter.Wait(attempt - 1)
	var status *StatusError
	if errors.As(failure, &status) {
		wait = max(wait, status.RetryAfter)
	}
	return wait, backoff.Fits(ctx, wait)
}

// isRetryable reports whether the request can be sent twice with the same effect as
// once (https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods).
func isRetryable(req *http.Request) bool {
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return false
	}
	switch req.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete:
		return true
	}
	return req.Context().Value(retryAllowed{}) != nil
}

// retryAfter returns the wait from the Retry-After header, which is a number or a
// date (https://www.rfc-editor.org/rfc/rfc9110#name-retry-after).
func (c *Client) retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if number, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(number) * c.service.RetryAfterUnit
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}
