package lambdaruntime

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

func TestHandle_ExternalServiceDown_IsUnavailable(t *testing.T) {
	for failure, want := range map[error]bool{
		external.ErrUnavailable: true, external.ErrTimeout: true, external.ErrInvalidResponse: false, external.ErrTooLarge: false,
		&external.StatusError{Status: 500}: true, &external.StatusError{Status: 404}: false,
	} {
		if err := asUnavailable(t.Context(), fmt.Errorf("insight: %w", failure)); errors.Is(err, apierror.Unavailable) != want {
			t.Errorf("%v became %v", failure, err)
		}
	}
}

// Calls with a time of their own, such as those that unwrap a data key, end before
// the request does, and say so as the SDK and the standard library do.
func TestHandle_CallTimesOut_IsUnavailable(t *testing.T) {
	for _, ended := range []error{context.DeadlineExceeded, &smithy.OperationError{Err: &smithy.CanceledError{Err: context.DeadlineExceeded}}} {
		if err := asUnavailable(t.Context(), fmt.Errorf("unwrap data key: %w", ended)); !errors.Is(err, apierror.Unavailable) {
			t.Errorf("%v became %v", ended, err)
		}
	}
}

// What a table is too busy for, after the store's own attempts, passes by itself.
func TestHandle_TableBusy_IsUnavailable(t *testing.T) {
	for _, busy := range []error{store.ErrConflict, store.ErrNoCapacity} {
		if err := asUnavailable(t.Context(), fmt.Errorf("write Users: %w", busy)); !errors.Is(err, apierror.Unavailable) {
			t.Errorf("%v became %v", busy, err)
		}
	}
	if err := asUnavailable(t.Context(), store.ErrConditionFailed); errors.Is(err, apierror.Unavailable) {
		t.Errorf("a condition became %v", err)
	}
}
