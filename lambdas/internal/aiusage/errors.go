package aiusage

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// ErrStage is returned when the stage's budget is used up, or the model is switched off.
var ErrStage = errors.New("the stage has no calls to the model left")

// Period is what a limit counts over.
type Period string

// The periods. The app searches messages for these words.
const (
	Hourly  Period = "hour"
	Daily   Period = "daily"
	Monthly Period = "monthly"
)

// LimitError is returned when a user's limit is used up.
type LimitError struct {
	Kind   Kind
	Period Period
	// ResetsIn is when the period ends.
	ResetsIn time.Duration
}

// Error names the kind and the period.
func (e *LimitError) Error() string {
	return fmt.Sprintf("aiusage: the %s limit of %s is used up", e.Period, e.Kind)
}

// The responses for a used-up limit. The app searches for the words "monthly", "daily"
// and "hour", in this order, so each message has only one of them.
var limitMessages = map[Period]*apierror.Error{
	Hourly:  apierror.New(http.StatusTooManyRequests, "AI_RATE_LIMITED", "You have asked a lot within an hour. Please wait a little."),
	Daily:   apierror.New(http.StatusTooManyRequests, "AI_DAILY_LIMIT", "You have reached your daily limit. It starts again at midnight UTC."),
	Monthly: apierror.New(http.StatusTooManyRequests, "AI_MONTHLY_LIMIT", "You have reached your monthly limit. It starts again on the first of next month."),
}

// AsAPIError returns the response to a client for an error of Reserve: a 429 for a limit
// of the user, and a 503 for the stage's, which is no user's fault. Other errors stay as
// they are.
func AsAPIError(err error) error {
	var limit *LimitError
	switch {
	case errors.As(err, &limit):
		return limitMessages[limit.Period].After(limit.ResetsIn).Because(err)
	case errors.Is(err, ErrStage):
		return apierror.Unavailable.After(time.Hour).Because(err)
	}
	return err
}
