package notifications

import (
	"context"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/expo"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed/sealedtest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
	fake "github.com/expenzez/infrastructure/test/fakes/expo"
)

// pushWorld is a stage with Expo, the accounts of "ada", "eve" and "eda", and a clock that tests
// move. It is noon.
type pushWorld struct {
	*push
	t        *testing.T
	expo     *fake.Fake
	settings sealedtest.Table[tables.NotificationSetting]
	history  sealedtest.Table[tables.NotificationWithText]
	table    string // of deliveries
	users    string
	at       time.Time
}

func newPushWorld(t *testing.T) *pushWorld {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	w := &pushWorld{t: t, expo: fake.New("key"), at: time.Date(2026, 7, 14, 11, 0, 0, 0, time.UTC)}
	users, name := newTable[account](t, tables.Users)
	must(t, users.WriteAll(t.Context(), []account{{"ada"}, {"eve"}, {"eda"}}, nil))
	w.users = name
	w.settings = sealedtest.New[tables.NotificationSetting](t, tables.NotificationSettings, "ada", "eve", "eda")
	w.history = sealedtest.New[tables.NotificationWithText](t, tables.NotificationHistory, "ada", "eve")
	w.table = dynamotest.Table(t, tables.Deliveries)
	w.push = w.through(dynamotest.Client(t), fakes.Serve(t, w.expo.Handler()))
	return w
}

func (w *pushWorld) through(client store.Client, url string) *push {
	w.t.Helper()
	sender, err := expo.New(expo.Config{BaseURL: url + "/--/api/v2", AccessToken: func(context.Context) (string, error) { return "key", nil }})
	must(w.t, err)
	return &push{
		settings: w.settings.Table, history: w.history.Table,
		owners:     store.New[tables.PushTokenOwner](dynamotest.Client(w.t), w.settings.Name, tables.NotificationSettings),
		deliveries: store.New[tables.Delivery](client, w.table, tables.Deliveries),
		guard:      erasure.NewGuard(client, w.users), expo: sender, now: func() time.Time { return w.at },
	}
}

// bind registers a push token of the user.
func (w *pushWorld) bind(user string, n int) {
	w.t.Helper()
	token := pushTokenOf(n)
	must(w.t, w.settings.Put(w.t.Context(), user, tables.NotificationSetting{
		UserID: user, ID: tables.PushTokenPrefix + hashOf(token), TokenHash: hashOf(token), Token: tables.EncryptedString(token),
		Device: "{}", Platform: "ios", BoundAt: w.at.UnixMilli(),
	}))
}

func (w *pushWorld) prefer(user string, wanted tables.NotificationPreferences, alerts tables.AlertPreferences) {
	w.t.Helper()
	must(w.t, w.settings.Put(w.t.Context(), user, tables.NotificationSetting{UserID: user, ID: tables.NotificationPreferencesID, Notifications: &wanted}))
	must(w.t, w.settings.Put(w.t.Context(), user, tables.NotificationSetting{UserID: user, ID: tables.AlertPreferencesID, Alerts: &alerts}))
}

// limit has the user want as many pushes a day.
func (w *pushWorld) limit(user string, perDay int) {
	w.t.Helper()
	alerts := tables.DefaultAlertPreferences()
	alerts.MaxPerDay = perDay
	w.prefer(user, tables.DefaultNotificationPreferences(), alerts)
}

func (w *pushWorld) notice(cause, notificationType string) Notice {
	return Notice{UserID: "ada", Cause: cause, At: w.at.UnixMilli(), CausedAt: w.at.UnixMilli(), Type: notificationType, Event: goals.Reached.Name, GoalID: cause, Amount: money.FromMinor(1050, 2)}
}

func (w *pushWorld) tokens(user string) (all []string) {
	w.t.Helper()
	page, err := w.settings.Query(w.t.Context(), store.Query{Partition: user, Limit: 100})
	must(w.t, err)
	for _, item := range page.Items {
		if item.TokenHash != "" {
			all = append(all, string(item.Token))
		}
	}
	return all
}

// deliverFails fails the test unless each message comes again.
func (w *pushWorld) deliverFails(notices ...Notice) {
	w.t.Helper()
	for _, notice := range notices {
		if err := w.Deliver(w.t.Context(), notice); err == nil {
			w.t.Errorf("the message about %s counts as handled", notice.Cause)
		}
	}
}
