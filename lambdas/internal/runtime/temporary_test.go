package runtime

import (
	"errors"
	"fmt"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/outside"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

func TestAServiceOutsideThatIsNotThereIsUnavailableAndWhatItSaysIsNot(t *testing.T) {
	for failure, want := range map[error]bool{
		outside.ErrUnavailable: true, outside.ErrTimeout: true, outside.ErrBadAnswer: false, outside.ErrTooLarge: false,
		&outside.StatusError{Status: 500}: true, &outside.StatusError{Status: 404}: false,
	} {
		if err := temporary(t.Context(), fmt.Errorf("insight: %w", failure)); errors.Is(err, apierror.Unavailable) != want {
			t.Errorf("%v became %v", failure, err)
		}
	}
}

// What a table is too busy for, after the store's own attempts, passes by itself.
func TestABusyTableIsUnavailable(t *testing.T) {
	for _, busy := range []error{store.ErrConflict, store.ErrNoCapacity} {
		if err := temporary(t.Context(), fmt.Errorf("write Users: %w", busy)); !errors.Is(err, apierror.Unavailable) {
			t.Errorf("%v became %v", busy, err)
		}
	}
	if err := temporary(t.Context(), store.ErrConditionFailed); errors.Is(err, apierror.Unavailable) {
		t.Errorf("a condition became %v", err)
	}
}
