package lambdaruntime

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/transient"
)

// asUnavailable returns a 503 for a transient error, and for any error of a request
// whose time is up. An error that the use case has mapped itself stays as it is.
func asUnavailable(ctx context.Context, err error) error {
	var known *apierror.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) || transient.Is(err) {
		return apierror.Unavailable.After(time.Second).Because(err)
	}
	return err
}
