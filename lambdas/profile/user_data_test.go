package profile

import (
	"context"
	"errors"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
)

type fakeEraser struct {
	user string
	err  error
}

func (e *fakeEraser) Erase(_ context.Context, userID string) (int, error) {
	e.user = userID
	return 7, e.err
}

func TestErasingDataSaysHowMuchThereWas(t *testing.T) {
	e := &fakeEraser{}
	answer, err := (&userData{e}).Erase(t.Context(), function.Caller{UserID: "user-1"}, eraseData{"DELETE_ALL_DATA"})
	if err != nil || answer.RowsDeleted != 7 || e.user != "user-1" {
		t.Errorf("got %+v, %v for %q", answer, err, e.user)
	}
	e.err = errors.New("broken")
	if _, err := (&userData{e}).Erase(t.Context(), function.Caller{UserID: "user-1"}, eraseData{}); !errors.Is(err, e.err) {
		t.Errorf("a failure is told as %v", err)
	}
}

func TestDataIsErasedOnlyForWhoSaysThePhrase(t *testing.T) {
	for phrase, valid := range map[string]bool{"DELETE_ALL_DATA": true, "": false, "delete_all_data": false, "DELETE_ALL_DATA ": false} {
		if err := validation.New().Check(&eraseData{phrase}); (err == nil) != valid {
			t.Errorf("%q: %v", phrase, err)
		}
	}
}
