package auth

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// UserStatus tells the sign-up form whether a username is free. Any client can ask,
// because the form asks before the user has an account. The response tells about the
// username alone, never about an address. The limits allow as many requests as a user
// types.
var UserStatus = function.Define(function.Spec[*userStatus]{
	Name:     "auth-user-status",
	Purpose:  "Tells whether a username is taken.",
	MemoryMB: waitingMB,
	New: func(resources *function.Resources) (*userStatus, error) {
		return &userStatus{
			pool:   userpool.OpenAdmin(resources),
			events: securityevents.Open(resources),
		}, nil
	},
	Routes: []function.RouteOf[*userStatus]{
		disclosingRoute("POST /auth/check-user-status", (*userStatus).Check, userStatusRequest.taken,
			function.Limits(function.Limit{Requests: 20, Per: time.Minute}, function.Limit{Requests: 200, Per: 24 * time.Hour})),
	},
	Permissions: function.Permissions{
		Tables:   []tables.Grant{tables.SecurityEvents.Allow(tables.PutItem)},
		Keys:     []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
		UserPool: []function.UserPoolOperation{function.AdminGetUser},
	},
})

type userStatus struct {
	pool interface {
		Exists(ctx context.Context, username string) (bool, error)
	}
	events securityevents.EventRecorder
}

func (u *userStatus) recorder() securityevents.EventRecorder { return u.events }

// userStatusRequest accepts any name, because the app shows a 400 as a free name.
type userStatusRequest struct {
	Username string `json:"username" validate:"required"`
}

// taken returns the name if an account has it.
func (n userStatusRequest) taken(out userStatusResponse, _ error) string {
	if out.Exists && validation.IsUsername(n.Username) {
		return n.Username
	}
	return ""
}

// userStatusResponse has the username only when it is taken, as the app expects.
type userStatusResponse struct {
	Username string `json:"username,omitempty"`
	Exists   bool   `json:"exists"`
}

// Check reports whether the username is taken. A name that no account can have counts
// as taken.
func (u *userStatus) Check(ctx context.Context, in userStatusRequest) (userStatusResponse, error) {
	if !validation.IsUsername(in.Username) {
		return userStatusResponse{Username: in.Username, Exists: true}, nil
	}
	taken, err := u.pool.Exists(ctx, in.Username)
	if err != nil || !taken {
		return userStatusResponse{}, err
	}
	return userStatusResponse{Username: in.Username, Exists: true}, nil
}
