package attempts

import (
	"fmt"
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// LockedError is returned for an attempt that came too early. It unwraps to the
// client's response: a 429 with the wait in its message and in Retry-After.
type LockedError struct {
	// Policy is the name of the policy.
	Policy string
	// RetryAfter is the time until the next attempt may come, more than zero.
	RetryAfter time.Duration
}

// Error returns the policy and the wait.
func (e *LockedError) Error() string {
	return fmt.Sprintf("no attempt under the policy %s for another %s", e.Policy, e.RetryAfter)
}

// Unwrap returns the *apierror.Error for the client. At sign-in the app cannot read
// Retry-After, and displays the message.
func (e *LockedError) Unwrap() error {
	message := fmt.Sprintf("Too many attempts. Please try again in %s.", waitText(e.RetryAfter))
	return apierror.New(http.StatusTooManyRequests, "TOO_MANY_ATTEMPTS", message).After(e.RetryAfter)
}

// waitText returns the wait in words. It rounds up, so that a client that waits as
// long is not refused.
func waitText(wait time.Duration) string {
	count, unit := roundUp(wait, time.Second), "second"
	if count > 90 {
		count, unit = roundUp(wait, time.Minute), "minute"
	}
	if count != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", count, unit)
}

func roundUp(wait, unit time.Duration) int64 { return int64((wait + unit - 1) / unit) }
