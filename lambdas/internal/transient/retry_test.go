package transient_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/transient"
)

var throttled = &smithy.GenericAPIError{Code: "TooManyRequestsException"}

func TestRetry_ThrottledTwice_ReturnsThirdResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		err := transient.Retry(t.Context(), time.Second, func(context.Context) error {
			if attempts++; attempts < 3 {
				return apierror.TooMany.Because(throttled)
			}
			return nil
		})
		if err != nil || attempts != 3 {
			t.Errorf("%v after %d attempts", err, attempts)
		}
	})
}

func TestRetry_PermanentError_IsReturnedAtOnce(t *testing.T) {
	for _, final := range []error{errors.New("refused"), &smithy.GenericAPIError{Code: "LimitExceededException"}} {
		attempts := 0
		err := transient.Retry(t.Context(), time.Second, func(context.Context) error { attempts++; return final })
		if !errors.Is(err, final) || attempts != 1 {
			t.Errorf("%v after %d attempts", err, attempts)
		}
	}
}

func TestRetry_AttemptHangs_IsEndedAndRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		err := transient.Retry(t.Context(), time.Second, func(ctx context.Context) error {
			if attempts++; attempts == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		if err != nil || attempts != 2 {
			t.Errorf("%v after %d attempts", err, attempts)
		}
	})
}

func TestRetry_ThrottledAlways_EndsWithinDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		err := transient.Retry(ctx, time.Second, func(context.Context) error { return throttled })
		if took := time.Since(began); !errors.Is(err, throttled) || took > 9*time.Second || took < 7*time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
}
