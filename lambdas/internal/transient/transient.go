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

// Is reports whether a failure passes by itself: a call timed out, a table is too
// busy, or a service throttles, fails or cannot be reached. apierror.Unavailable
// passes by itself too.
func Is(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, apierror.Unavailable) ||
		isTableBusy(err) || isAWSFailure(err) || isExternalFailure(err)
}

// isTableBusy reports whether a write failed because of conflicts or capacity after
// all attempts of the store.
func isTableBusy(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNoCapacity)
}

// isAWSFailure reports whether AWS throttled a call, answered it with 5xx, or did not
// respond, after all attempts of the SDK.
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
