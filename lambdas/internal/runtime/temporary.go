package runtime

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/outside"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// temporary makes an error that will pass by itself a 503 that says so: the time
// of the request or of a call is up, a table is too busy, or a service behind us
// throttles, fails or cannot be reached. What the use case has said itself stands.
func temporary(ctx context.Context, err error) error {
	var known *apierror.Error
	if errors.As(err, &known) {
		return err
	}
	timeIsUp := errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
	if timeIsUp || tableIsBusy(err) || awsFails(err) || outsideFails(err) {
		return apierror.Unavailable.After(time.Second).Because(err)
	}
	return err
}

// tableIsBusy tells whether a write found no way in after all of the store's own
// attempts.
func tableIsBusy(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNoCapacity)
}

// awsFails tells whether a call of AWS was throttled, answered by a failure of
// the service, or not answered at all, after all of the SDK's own attempts.
func awsFails(err error) bool {
	throttled := retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}
	if throttled.IsErrorThrottle(err) == aws.TrueTernary {
		return true
	}
	var unsent *smithyhttp.RequestSendError
	var answered *smithyhttp.ResponseError
	return errors.As(err, &unsent) || errors.As(err, &answered) && answered.HTTPStatusCode() >= http.StatusInternalServerError
}

func outsideFails(err error) bool {
	return errors.Is(err, outside.ErrUnavailable) || errors.Is(err, outside.ErrTimeout)
}
