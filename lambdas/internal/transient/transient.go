package transient

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// Is reports whether a failure passes by itself: the time of a call is up, a table
// is too busy, or a service behind us throttles, fails or cannot be reached. What
// code of ours calls apierror.Unavailable passes by itself too.
func Is(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, apierror.Unavailable) ||
		isTableBusy(err) || isAWSFailure(err) || isExternalFailure(err)
}

// isTableBusy reports whether a write found no way in after all of the store's own
// attempts.
func isTableBusy(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNoCapacity)
}

// isAWSFailure reports whether a call of AWS was throttled, answered by a failure of
// the service, or not answered at all, after all of the SDK's own attempts.
func isAWSFailure(err error) bool {
	throttled := retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}
	if throttled.IsErrorThrottle(err) == aws.TrueTernary {
		return true
	}
	var unsent *smithyhttp.RequestSendError
	var answered *smithyhttp.ResponseError
	return errors.As(err, &unsent) || errors.As(err, &answered) && answered.HTTPStatusCode() >= http.StatusInternalServerError
}

func isExternalFailure(err error) bool {
	return errors.Is(err, external.ErrUnavailable) || errors.Is(err, external.ErrTimeout)
}
