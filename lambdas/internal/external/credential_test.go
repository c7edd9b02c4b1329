package external_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
)

var errRejected = errors.New("rejected")

func rejected(err error) bool { return errors.Is(err, errRejected) }

func TestCredential_Rejected_IsFetchedAgain(t *testing.T) {
	fetched := 0
	credential := external.NewCredential(func(context.Context) (int, error) {
		fetched++
		return fetched, nil
	})
	var used []int
	valid := 1
	use := func() error {
		return credential.Use(t.Context(), rejected, func(value int) error {
			if used = append(used, value); value != valid {
				return errRejected
			}
			return nil
		})
	}
	for range 2 {
		if err := use(); err != nil {
			t.Fatal(err)
		}
	}
	valid = 2 // rotated
	if err := use(); err != nil {
		t.Fatal(err)
	}
	if want := []int{1, 1, 1, 2}; !slices.Equal(used, want) {
		t.Errorf("used %v, want %v", used, want)
	}
	valid = 9 // nothing that is fetched works
	if err := use(); !rejected(err) {
		t.Errorf("got %v", err)
	}
	if want := []int{1, 1, 1, 2, 2, 3}; !slices.Equal(used, want) {
		t.Errorf("used %v, want %v", used, want)
	}
}

func TestCredential_OtherError_IsNotFetchedAgain(t *testing.T) {
	fetched := 0
	credential := external.NewCredential(func(context.Context) (int, error) { fetched++; return fetched, nil })
	if err := credential.Use(t.Context(), rejected, func(int) error { return external.ErrTimeout }); !errors.Is(err, external.ErrTimeout) || fetched != 1 {
		t.Errorf("got %v after %d fetches", err, fetched)
	}
}

func TestCredential_FetchFails_IsTriedNextTime(t *testing.T) {
	failing := errors.New("no such secret")
	err := failing
	credential := external.NewCredential(func(context.Context) (int, error) { return 7, err })
	if got := credential.Use(t.Context(), rejected, func(int) error { return nil }); !errors.Is(got, failing) {
		t.Errorf("got %v", got)
	}
	err = nil
	if got := credential.Use(t.Context(), rejected, func(int) error { return nil }); got != nil {
		t.Errorf("got %v", got)
	}
}
