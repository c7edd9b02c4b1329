package subscription

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Subscription renews what is known of subscriptions, for the app and for RevenueCat.
var Subscription = function.Define(function.Spec[*subscription]{
	Name:    "subscription",
	Purpose: "Asks RevenueCat for a user's plan, for the app and after an event of RevenueCat.",
	New:     newSubscription,
	Routes: []function.RouteOf[*subscription]{
		// The app syncs at each sign-in and after a purchase. Two limits keep one user from
		// using up RevenueCat's 480 requests a minute.
		function.SignedIn("POST /subscription/sync", (*subscription).Sync,
			function.Limits(function.Limit{Requests: 10, Per: time.Minute}, function.Limit{Requests: 60, Per: time.Hour})),
		// RevenueCat sends the events of all users from a few addresses.
		function.Public("POST /webhooks/revenuecat", (*subscription).Webhook,
			function.Limits(function.Limit{Requests: 600, Per: time.Minute})),
	},
	Permissions: function.Permissions{
		Tables:   []tables.Grant{tables.Users.Allow(tables.GetItem, tables.UpdateItem)},
		Keys:     []function.KeyGrant{function.FieldKey.AllowFor(tables.Users, function.Decrypt)},
		UserPool: []function.UserPoolOperation{function.AdminGetUser},
	}.And(entitlement.Permissions),
})

type subscription struct {
	plans interface {
		Refresh(ctx context.Context, caller function.Caller) (entitlement.Entitlement, error)
		Update(ctx context.Context, caller function.Caller, eventID string) (entitlement.Entitlement, error)
		IsOwn(ctx context.Context, caller function.Caller, customerID string) (bool, error)
	}
	accounts interface {
		// Both return accounts.ErrNotFound when the user has no account.
		Get(ctx context.Context, userID string) (*tables.User, error)
		Change(ctx context.Context, userID string, edit func(*tables.User)) (*tables.User, error)
	}
	pool interface {
		Find(ctx context.Context, username string) (userpool.User, bool, error)
	}
	secret interface {
		Get(ctx context.Context, key secrets.Key) (secretcache.Value, error)
		RefreshRejected(ctx context.Context, key secrets.Key, refused secretcache.Value) (secretcache.Value, bool)
	}
}

func newSubscription(resources *function.Resources) (*subscription, error) {
	plans, err := entitlement.Open(resources)
	if err != nil {
		return nil, err
	}
	return &subscription{
		plans: plans, accounts: accounts.Open(resources), pool: userpool.OpenAdmin(resources), secret: secretcache.OpenLazy(resources, secrets.RevenueCat),
	}, nil
}

// showPlan stores the plan in the user's account, where the profile shows it. No gate
// reads it there.
func (s *subscription) showPlan(ctx context.Context, user *tables.User, plan tables.Plan) error {
	if user.SubscriptionTier == string(plan) {
		return nil
	}
	_, err := s.accounts.Change(ctx, user.UserID, func(u *tables.User) { u.SubscriptionTier = string(plan) })
	return err
}
