package profile

import (
	"context"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// UserData erases what users put into the app.
var UserData = function.Define(function.Spec[*userData]{
	Name:    "profile-user-data",
	Purpose: "Erases everything the caller put into the app and leaves the account as it is.",
	New: func(env *function.Environment) (*userData, error) {
		return &userData{eraser: erasure.Open(env, erasure.Content()), events: securityevents.Open(env)}, nil
	},
	Routes: []function.RouteOf[*userData]{
		function.SignedIn("DELETE /user/data", (*userData).Erase, function.Limits(function.Limit{Requests: 10, Per: time.Hour})),
	},
	Rights: function.Rights{
		Tables: append(erasure.Grants(erasure.Content()), tables.SecurityEvents.Allow(tables.PutItem)),
		Keys:   []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
	},
})

type userData struct {
	eraser interface {
		Erase(ctx context.Context, userID string) (int, error)
	}
	events interface {
		Record(ctx context.Context, event securityevents.Event) error
	}
}

// eraseData is the request; the app sends the phrase after asking twice.
type eraseData struct {
	Confirm string `json:"confirm" validate:"required,eq=DELETE_ALL_DATA"`
}

type erased struct {
	RowsDeleted int    `json:"rowsDeleted"`
	Message     string `json:"message"`
}

// Erase deletes the caller's items of every table that holds content. When a
// part fails, the whole may be repeated.
func (u *userData) Erase(ctx context.Context, caller function.Caller, _ eraseData) (erased, error) {
	rows, err := u.eraser.Erase(ctx, caller.UserID)
	if err != nil {
		return erased{}, fmt.Errorf("erase user data after %d items: %w", rows, err)
	}
	if err := u.events.Record(ctx, securityevents.Event{Kind: securityevents.DataErased, UserID: caller.UserID}); err != nil {
		return erased{}, err
	}
	return erased{RowsDeleted: rows, Message: "Your data is erased."}, nil
}
