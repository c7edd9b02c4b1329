package lambdaruntime

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/transient"
)

// asUnavailable makes an error that will pass by itself a 503 that says so, and any
// error of a request whose time is up. What the use case has said itself stands.
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
