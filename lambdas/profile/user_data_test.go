package profile

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
)

type fakeEraser struct {
	user   string
	err    error
	events []securityevents.Event
}

func (e *fakeEraser) Erase(_ context.Context, userID string) (int, error) {
	e.user = userID
	return 7, e.err
}

func (e *fakeEraser) Record(_ context.Context, event securityevents.Event) error {
	e.events = append(e.events, event)
	return nil
}

func TestErasingDataSaysHowMuchThereWasAndIsRecorded(t *testing.T) {
	e := &fakeEraser{}
	u := &userData{eraser: e, events: e}
	answer, err := u.Erase(t.Context(), caller, eraseData{"DELETE_ALL_DATA"})
	if err != nil || answer.RowsDeleted != 7 || e.user != "user-1" {
		t.Errorf("got %+v, %v for %q", answer, err, e.user)
	}
	if want := []securityevents.Event{{Kind: securityevents.DataErased, UserID: "user-1"}}; !slices.Equal(e.events, want) {
		t.Errorf("recorded are %+v", e.events)
	}
	e.err = errors.New("broken")
	if _, err := u.Erase(t.Context(), caller, eraseData{}); !errors.Is(err, e.err) {
		t.Errorf("a failure is told as %v", err)
	}
	if len(e.events) != 1 {
		t.Error("a failure is recorded as an erasure")
	}
}

func TestDataIsErasedOnlyForWhoSaysThePhrase(t *testing.T) {
	for phrase, valid := range map[string]bool{"DELETE_ALL_DATA": true, "": false, "delete_all_data": false, "DELETE_ALL_DATA ": false} {
		if err := validation.New().Check(&eraseData{phrase}); (err == nil) != valid {
			t.Errorf("%q: %v", phrase, err)
		}
	}
}
