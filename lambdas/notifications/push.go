package notifications

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/expo"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// pollEvery is how often waiting notifications are sent and receipts are read.
const pollEvery = 15 * time.Minute

// Push sends notifications to the devices of users.
var Push = function.Define(function.Spec[*push]{
	Name:    "notifications-push",
	Purpose: "Pushes notices to users' devices through Expo, and removes the push tokens that are dead.",
	New:     newPush,
	Events: []function.EventOf[*push]{
		function.Consumes(Noticed, (*push).Deliver),
		function.OnSchedule(pollEvery, (*push).Poll),
	},
	// Poll begins to send in all but the last seconds.
	Timeout: time.Minute,
	Permissions: sealed.Permissions(tables.NotificationSettings, tables.Query, tables.DeleteItem).
		And(sealed.Permissions(tables.NotificationHistory, tables.GetItem)).
		And(erasure.GuardPermissions).
		And(function.Permissions{
			Tables: []tables.Grant{
				tables.NotificationSettings.AllowQuery(tables.NotificationSettingsByToken),
				tables.Deliveries.Allow(tables.GetItem, tables.PutItem, tables.UpdateItem),
				tables.Deliveries.AllowQuery(tables.DeliveriesByQueue),
			},
			Secrets:  []*secrets.Secret{secrets.Expo},
			External: []function.Service{function.Expo},
		}),
})

type push struct {
	settings   *sealed.Table[tables.NotificationSetting]
	owners     *store.Table[tables.PushTokenOwner]
	history    *sealed.Table[tables.NotificationWithText]
	deliveries *store.Table[tables.Delivery]
	guard      *erasure.Guard
	expo       interface {
		Send(ctx context.Context, messages []expo.Message) ([]expo.Outcome, error)
		Receipts(ctx context.Context, tickets []string) (map[string]expo.Failure, error)
	}
	now func() time.Time
}

func newPush(resources *function.Resources) (*push, error) {
	client, err := expo.New(expo.Config{
		AccessToken: secretcache.OpenLazy(resources, secrets.Expo).Reader(secrets.ExpoAccessToken),
		BaseURL:     resources.BaseURL(function.Expo),
		Middleware:  []external.Middleware{resources.Transport},
	})
	if err != nil {
		return nil, err
	}
	return &push{
		settings:   sealed.Open[tables.NotificationSetting](resources, tables.NotificationSettings),
		owners:     store.Open[tables.PushTokenOwner](resources, tables.NotificationSettings),
		history:    sealed.Open[tables.NotificationWithText](resources, tables.NotificationHistory),
		deliveries: store.Open[tables.Delivery](resources, tables.Deliveries),
		guard:      erasure.OpenGuard(resources),
		expo:       client, now: time.Now,
	}, nil
}
