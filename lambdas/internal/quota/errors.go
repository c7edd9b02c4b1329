package quota

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
)

// ErrUsedUp is what errors.Is takes a *UsedUpError for.
var ErrUsedUp = errors.New("the quota is used up")

// UsedUpError is returned for a Take when nothing is left of the quota.
type UsedUpError struct {
	// Quota is the name of the quota.
	Quota string
	// Usage says what is used, and when the quota resets.
	Usage Usage
}

// Error names the quota, what is used and when the quota resets.
func (e *UsedUpError) Error() string {
	return fmt.Sprintf("%s: %v: %d of %d until %s", e.Quota, ErrUsedUp, e.Usage.Used, e.Usage.Limit, dates.Seconds(e.Usage.ResetsAt.UnixMilli()))
}

// Is reports whether the target is ErrUsedUp.
func (e *UsedUpError) Is(target error) bool { return target == ErrUsedUp }

// AsAPIError returns the response to a client whose user has used the quota up: a 422
// with the code and the message, and the time of the reset in its details. The app
// shows the message of a 422; for a 429 it has a text of its own. AsAPIError returns
// every other error as it is.
func AsAPIError(err error, code, message string) error {
	var usedUp *UsedUpError
	if !errors.As(err, &usedUp) {
		return err
	}
	response := apierror.New(http.StatusUnprocessableEntity, code, message).Because(err)
	response.Details = "resets at " + string(dates.Seconds(usedUp.Usage.ResetsAt.UnixMilli()))
	return response
}
