package notifications

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Settings keeps where and about what the caller wants to be notified.
var Settings = function.Define(function.Spec[*settings]{
	Name:    "notifications-settings",
	Purpose: "Keeps the caller's push tokens and preferences of notifications.",
	New: func(resources *function.Resources) (*settings, error) {
		return &settings{
			items:  sealed.Open[tables.NotificationSetting](resources, tables.NotificationSettings),
			owners: store.Open[tables.PushTokenOwner](resources, tables.NotificationSettings),
			now:    time.Now,
		}, nil
	},
	Routes: []function.RouteOf[*settings]{
		function.SignedIn("POST /notifications/tokens", (*settings).Register),
		function.SignedIn("GET /notifications/tokens", (*settings).List),
		function.SignedIn("DELETE /notifications/tokens", (*settings).Deactivate),
		function.SignedIn("GET /notifications/preferences", (*settings).Preferences),
		function.SignedIn("PUT /notifications/preferences", (*settings).SetPreferences),
	},
	Permissions: sealed.Permissions(tables.NotificationSettings, tables.Query, tables.GetItem, tables.PutItem, tables.DeleteItem).
		And(function.Permissions{Tables: []tables.Grant{tables.NotificationSettings.AllowQuery(tables.NotificationSettingsByToken)}}),
})

type settings struct {
	items *sealed.Table[tables.NotificationSetting]
	// owners are the users of push tokens, read by the token.
	owners *store.Table[tables.PushTokenOwner]
	now    func() time.Time
}

// maxTokens is how many push tokens a user has. The oldest makes room for a new one.
const maxTokens = 20

// tokens returns the caller's push tokens, the latest first.
func (s *settings) tokens(ctx context.Context, userID string) ([]tables.NotificationSetting, error) {
	page, err := s.items.Query(ctx, store.Query{
		Partition: userID, Sort: expression.Key("id").BeginsWith(tables.PushTokenPrefix), Limit: 10 * maxTokens,
	})
	slices.SortFunc(page.Items, func(a, b tables.NotificationSetting) int { return cmp.Compare(b.BoundAt, a.BoundAt) })
	return page.Items, err
}
