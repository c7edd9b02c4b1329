package notifications

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

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

func TestDeliver_Devices_EachGetsOneMessage(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	w.bind("ada", 2)
	w.bind("eve", 3)
	must(t, w.Deliver(t.Context(), w.notice("goal-1", "budget")))
	taken := w.expo.Taken()
	if len(taken) != 2 || w.expo.Requests() != 1 {
		t.Fatalf("taken %+v", taken)
	}
	m := taken[0]
	if m.Title != "Goal reached" || m.Body != "You have reached a goal of £10.50." || m.Data["type"] != "budget" || m.ChannelID != "budgets" ||
		m.Data["notificationId"] != w.notice("goal-1", "budget").Item().ID || m.Sound != "default" {
		t.Errorf("taken %+v", m)
	}
}

func TestDeliver_SameNoticeAtOnce_IsPushedOnce(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	notice := w.notice("goal-1", "insight")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := w.Deliver(t.Context(), notice); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.at = w.at.Add(24 * time.Hour)
	must(t, w.Deliver(t.Context(), notice))
	must(t, w.Poll(t.Context()))
	if taken := w.expo.Taken(); len(taken) != 1 {
		t.Errorf("pushed %d times", len(taken))
	}
}

// killer is a client of DynamoDB whose process ends at a call.
type killer struct {
	store.Client
	left int
}

var errKilled = errors.New("the process has ended")

func (k *killer) alive() error {
	k.left--
	if k.left < 0 {
		return errKilled
	}
	return nil
}

func (k *killer) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if err := k.alive(); err != nil {
		return nil, err
	}
	return k.Client.TransactWriteItems(ctx, in, o...)
}

func (k *killer) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if err := k.alive(); err != nil {
		return nil, err
	}
	return k.Client.GetItem(ctx, in, o...)
}

func (k *killer) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if err := k.alive(); err != nil {
		return nil, err
	}
	return k.Client.UpdateItem(ctx, in, o...)
}

// A process that ends while an attempt is stored may lose the push. It never pushes twice.
func TestDeliver_ProcessEndsAtAnyCall_IsPushedOnceAtMost(t *testing.T) {
	lost := 0
	for calls := range 6 {
		w := newPushWorld(t)
		url := fakes.Serve(t, w.expo.Handler())
		w.bind("ada", 1)
		notice := w.notice("goal-1", "insight")
		_ = w.through(&killer{dynamotest.Client(t), calls}, url).Deliver(t.Context(), notice)
		for range 2 {
			must(t, w.Deliver(t.Context(), notice))
			w.at = w.at.Add(time.Hour)
			must(t, w.Poll(t.Context()))
		}
		switch taken := len(w.expo.Taken()); {
		case taken == 0:
			lost++
		case taken > 1:
			t.Errorf("ended before call %d: pushed %d times", calls, taken)
		}
	}
	if lost > 1 {
		t.Errorf("%d of six ends lost the push: only an end between the attempt and the request may", lost)
	}
}

func TestDeliver_ExpoTookNothing_IsSentAgain(t *testing.T) {
	for name, fail := range map[string]func(w *pushWorld) *push{
		"429":       func(w *pushWorld) *push { w.expo.SetFor(1, fakes.Throttled); return w.push },
		"no server": func(w *pushWorld) *push { return w.through(dynamotest.Client(t), "http://127.0.0.1:1") },
		"open breaker": func(w *pushWorld) *push {
			w.expo.SetFor(5, fakes.ServerError)
			for i := range 5 {
				must(t, w.Deliver(t.Context(), w.notice(fmt.Sprint("before-", i), "insight")))
			}
			return w.push
		},
	} {
		w := newPushWorld(t)
		w.bind("ada", 1)
		notice := w.notice("goal-1", "insight")
		if err := fail(w).Deliver(t.Context(), notice); err == nil {
			t.Errorf("%s: the message counts as handled", name)
		}
		external.ResetBreakers()
		must(t, w.Deliver(t.Context(), notice))
		must(t, w.Poll(t.Context()))
		if taken := w.expo.Taken(); len(taken) != 1 {
			t.Errorf("%s: pushed %d times", name, len(taken))
		}
	}
}

func TestDeliver_ExpoMayHaveTakenIt_IsNotSentAgain(t *testing.T) {
	for fault, pushed := range map[fakes.Fault]int{fakes.Cut: 1, fakes.ServerError: 0, fakes.Garbage: 0} {
		w := newPushWorld(t)
		w.bind("ada", 1)
		w.expo.SetFor(1, fault)
		notice := w.notice("goal-1", "insight")
		for range 2 {
			must(t, w.Deliver(t.Context(), notice))
			w.at = w.at.Add(time.Hour)
			must(t, w.Poll(t.Context()))
		}
		if taken := w.expo.Taken(); len(taken) != pushed || w.expo.Requests() != 1 {
			t.Errorf("%s: pushed %d times in %d requests", fault, len(taken), w.expo.Requests())
		}
	}
}

func TestDeliver_DeadToken_IsRemoved(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	w.bind("ada", 2)
	w.expo.Kill(pushTokenOf(1))
	must(t, w.Deliver(t.Context(), w.notice("goal-1", "insight")))
	if left := w.tokens("ada"); !slices.Equal(left, []string{pushTokenOf(2)}) {
		t.Errorf("left are %v", left)
	}
}

func TestPoll_Receipts_RemoveDeadTokens(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	w.bind("ada", 2)
	w.expo.Uninstall(pushTokenOf(1))
	w.expo.Delay(true)
	must(t, w.Deliver(t.Context(), w.notice("goal-1", "insight")))
	w.at = w.at.Add(receiptsAfter)
	must(t, w.Poll(t.Context())) // there is no receipt yet
	if left := w.tokens("ada"); len(left) != 2 {
		t.Errorf("left are %v", left)
	}
	w.expo.Delay(false)
	w.at = w.at.Add(receiptsAfter)
	must(t, w.Poll(t.Context()))
	if left := w.tokens("ada"); !slices.Equal(left, []string{pushTokenOf(2)}) {
		t.Errorf("left are %v", left)
	}
	before := w.expo.Requests()
	w.at = w.at.Add(time.Hour)
	must(t, w.Poll(t.Context()))
	if w.expo.Requests() != before {
		t.Error("receipts were read again")
	}
}

func TestPoll_TokenRegisteredAgain_Stays(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	w.expo.Uninstall(pushTokenOf(1))
	must(t, w.Deliver(t.Context(), w.notice("goal-1", "insight")))
	w.at = w.at.Add(receiptsAfter)
	w.bind("ada", 1)
	must(t, w.Poll(t.Context()))
	if left := w.tokens("ada"); len(left) != 1 {
		t.Errorf("left are %v", left)
	}
}

func TestDeliver_QuietHours_WaitUntilTheirEnd(t *testing.T) {
	w := newPushWorld(t)
	w.at = time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC) // the clocks go forward in this night
	w.bind("ada", 1)
	must(t, w.Deliver(t.Context(), w.notice("goal-1", "insight")))
	must(t, w.Deliver(t.Context(), w.notice("goal-1", "insight")))
	must(t, w.Deliver(t.Context(), w.notice("sign-in", "security")))
	if taken := w.expo.Taken(); len(taken) != 1 || taken[0].ChannelID != "security" {
		t.Errorf("in the night: %+v", taken)
	}
	w.at = time.Date(2026, 3, 29, 6, 59, 0, 0, time.UTC)
	must(t, w.Poll(t.Context()))
	if len(w.expo.Taken()) != 1 {
		t.Error("pushed before eight o'clock")
	}
	w.at = time.Date(2026, 3, 29, 7, 0, 0, 0, time.UTC)
	for range 2 {
		must(t, w.Poll(t.Context()))
	}
	if taken := w.expo.Taken(); len(taken) != 2 || taken[1].Data["type"] != "insight" {
		t.Errorf("at eight o'clock: %+v", taken)
	}
}

func TestPoll_ExpoFailsUntilTheNight_WaitsUntilTheMorning(t *testing.T) {
	w := newPushWorld(t)
	w.at = time.Date(2026, 7, 14, 20, 55, 0, 0, time.UTC) // 21:55 by the clock
	w.bind("ada", 1)
	w.expo.Set(fakes.Throttled)
	for _, notice := range []Notice{w.notice("goal-1", "insight"), w.notice("sign-in", "security")} {
		if err := w.Deliver(t.Context(), notice); err == nil {
			t.Error("the message counts as handled")
		}
	}
	w.expo.Set("")
	w.at = time.Date(2026, 7, 15, 1, 55, 0, 0, time.UTC)
	must(t, w.Poll(t.Context()))
	if taken := w.expo.Taken(); len(taken) != 1 || taken[0].Data["type"] != "security" {
		t.Errorf("in the night: %+v", taken)
	}
	w.at = time.Date(2026, 7, 15, 7, 0, 0, 0, time.UTC)
	for range 2 {
		must(t, w.Poll(t.Context()))
	}
	if taken := w.expo.Taken(); len(taken) != 2 || taken[1].Data["type"] != "insight" {
		t.Errorf("at eight o'clock: %+v", taken)
	}
}

func TestPoll_ExpoFailsForADay_GivesUp(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	w.expo.Set(fakes.Throttled)
	notices := []Notice{w.notice("goal-1", "insight"), w.notice("goal-2", "insight")}
	for _, notice := range notices {
		if err := w.Deliver(t.Context(), notice); err == nil {
			t.Error("the message counts as handled")
		}
	}
	w.at = w.at.Add(messageTTL)
	if err := w.Poll(t.Context()); err == nil {
		t.Error("given up within a day")
	}
	w.at = w.at.Add(time.Second)
	before := w.expo.Requests()
	must(t, w.Deliver(t.Context(), notices[0]))
	must(t, w.Poll(t.Context()))
	w.expo.Set("")
	for _, notice := range notices {
		must(t, w.Deliver(t.Context(), notice))
	}
	must(t, w.Poll(t.Context()))
	if w.expo.Requests() != before {
		t.Errorf("pushed after a day: %+v", w.expo.Taken())
	}
}

func TestPoll_QuietHoursExtended_WaitUntilTheNewEnd(t *testing.T) {
	w := newPushWorld(t)
	w.at = time.Date(2026, 7, 14, 22, 30, 0, 0, time.UTC)
	w.bind("ada", 1)
	must(t, w.Deliver(t.Context(), w.notice("goal-1", "insight")))
	alerts := tables.DefaultAlertPreferences()
	alerts.QuietTo = "10:00"
	w.prefer("ada", tables.DefaultNotificationPreferences(), alerts)
	for hour, pushed := range []int{0, 0, 1} {
		w.at = time.Date(2026, 7, 15, 7+hour, 0, 0, 0, time.UTC)
		must(t, w.Poll(t.Context()))
		if taken := w.expo.Taken(); len(taken) != pushed {
			t.Errorf("at %s: pushed %d", w.at, len(taken))
		}
	}
}

func TestDeliver_Preferences_SayWhatIsPushed(t *testing.T) {
	all := tables.DefaultNotificationPreferences()
	noBudgets, noTransactions, none := all, all, all
	noBudgets.Budgets, noTransactions.Transactions, none.Push = false, false, false
	for name, tc := range map[string]struct {
		wanted tables.NotificationPreferences
		kind   string
		pushed int
	}{
		"all": {all, "budget", 1}, "no budgets": {noBudgets, "budget", 0}, "no budgets, a transaction": {noBudgets, "transaction", 1},
		"no transactions": {noTransactions, "transaction", 0}, "no push": {none, "insight", 0}, "no push, security": {none, "security", 0},
	} {
		w := newPushWorld(t)
		w.bind("ada", 1)
		w.prefer("ada", tc.wanted, tables.DefaultAlertPreferences())
		must(t, w.Deliver(t.Context(), w.notice("n", tc.kind)))
		if taken := w.expo.Taken(); len(taken) != tc.pushed {
			t.Errorf("%s: pushed %d", name, len(taken))
		}
	}
}

func TestDeliver_MoreThanADayHas_AreInTheFeedOnly(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	w.limit("ada", 2)
	for i := range 4 {
		must(t, w.Deliver(t.Context(), w.notice(fmt.Sprint("n", i), "insight")))
	}
	must(t, w.Deliver(t.Context(), w.notice("s", "security")))
	if taken := w.expo.Taken(); len(taken) != 3 {
		t.Errorf("pushed %d", len(taken))
	}
	w.at = w.at.Add(24 * time.Hour)
	must(t, w.Deliver(t.Context(), w.notice("tomorrow", "insight")))
	if taken := w.expo.Taken(); len(taken) != 4 {
		t.Errorf("pushed %d by the next day", len(taken))
	}
}

// A notice about a payment has the payment's day in its id, and may come days later.
func TestDeliver_AtOnceAboutEarlierDays_KeepsTheLimitOfTheDay(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	w.limit("ada", 1)
	var all sync.WaitGroup
	for i := range 5 {
		notice := w.notice(fmt.Sprint("payment-", i), "transaction")
		notice.At = w.at.Add(-24 * time.Hour).UnixMilli()
		all.Go(func() {
			if err := w.Deliver(t.Context(), notice); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if taken := w.expo.Taken(); len(taken) != 1 {
		t.Errorf("pushed %d", len(taken))
	}
}

func TestPoll_WaitedOvernight_CountsOnTheDayOfThePush(t *testing.T) {
	w := newPushWorld(t)
	w.at = time.Date(2026, 7, 14, 21, 30, 0, 0, time.UTC)
	w.bind("ada", 1)
	w.limit("ada", 2)
	for i := range 3 {
		must(t, w.Deliver(t.Context(), w.notice(fmt.Sprint("night-", i), "insight")))
	}
	w.at = time.Date(2026, 7, 15, 7, 0, 0, 0, time.UTC)
	must(t, w.Poll(t.Context()))
	must(t, w.Deliver(t.Context(), w.notice("day", "insight")))
	if taken := w.expo.Taken(); len(taken) != 2 {
		t.Errorf("pushed %d", len(taken))
	}
	w.at = w.at.Add(24 * time.Hour)
	must(t, w.Poll(t.Context()))
	if taken := w.expo.Taken(); len(taken) != 2 {
		t.Errorf("what was over the limit was pushed a day later: %+v", taken)
	}
}

func TestDeliver_ExpoTookNothing_DoesNotCount(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	w.limit("ada", 1)
	w.expo.SetFor(2, fakes.Throttled)
	for range 2 {
		if err := w.Deliver(t.Context(), w.notice("goal-1", "insight")); err == nil {
			t.Error("the message counts as handled")
		}
	}
	must(t, w.Deliver(t.Context(), w.notice("goal-1", "insight")))
	must(t, w.Deliver(t.Context(), w.notice("goal-2", "insight")))
	if taken := w.expo.Taken(); len(taken) != 1 || taken[0].Data["notificationId"] != w.notice("goal-1", "insight").Item().ID {
		t.Errorf("pushed %+v", taken)
	}
}

func TestDeliver_LimitOfZero_PushesSecurityOnly(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	w.limit("ada", 0)
	must(t, w.Deliver(t.Context(), w.notice("goal-1", "insight")))
	must(t, w.Deliver(t.Context(), w.notice("sign-in", "security")))
	if taken := w.expo.Taken(); len(taken) != 1 || taken[0].Data["type"] != "security" {
		t.Errorf("pushed %+v", taken)
	}
}

func TestDeliver_TokenOfALaterUser_IsLeftOut(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	w.at = w.at.Add(time.Minute)
	w.bind("eve", 1)
	must(t, w.Deliver(t.Context(), w.notice("n", "insight")))
	if taken := w.expo.Taken(); len(taken) != 0 {
		t.Errorf("pushed to another user: %+v", taken)
	}
}

func TestDeliver_UserWithoutAnAccount_WritesNothing(t *testing.T) {
	w := newPushWorld(t)
	notice := w.notice("n", "insight")
	notice.UserID = "gone"
	must(t, w.Deliver(t.Context(), notice))
	if w.expo.Requests() != 0 {
		t.Error("Expo was asked")
	}
}

func TestDeliver_SentByTheClient_HasItsText(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	notice := w.notice("sent-1", "account")
	notice.Event = Sent
	must(t, w.history.Put(t.Context(), "ada", tables.NotificationWithText{Notification: notice.Item(), Text: `{"title":"Rent","message":"Due"}`}))
	must(t, w.Deliver(t.Context(), notice))
	if taken := w.expo.Taken(); len(taken) != 1 || taken[0].Title != "Rent" || taken[0].Body != "Due" {
		t.Errorf("taken %+v", taken)
	}
	stored, err := w.deliveries.Query(t.Context(), store.Query{Partition: "ada", Limit: 10})
	must(t, err)
	if text := fmt.Sprint(stored.Items); strings.Contains(text, "Rent") || len(stored.Items) != 2 {
		t.Errorf("stored %s", text)
	}
}

func TestDeliver_ClearedByTheUser_EndsWithoutAPush(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	cleared := func(cause string) Notice {
		notice := w.notice(cause, "account")
		notice.Event = Sent
		return notice
	}
	for range 2 {
		must(t, w.Deliver(t.Context(), cleared("at-noon")))
	}
	w.at = time.Date(2026, 7, 15, 1, 0, 0, 0, time.UTC)
	must(t, w.Deliver(t.Context(), cleared("at-night")))
	w.at = time.Date(2026, 7, 15, 7, 0, 0, 0, time.UTC)
	for range 2 {
		must(t, w.Poll(t.Context()))
	}
	if waiting, _, err := w.due(t.Context(), tables.WaitingQueue, w.at, ""); err != nil || len(waiting) != 0 || w.expo.Requests() != 0 {
		t.Errorf("still waiting: %+v, %v; %d requests to Expo", waiting, err, w.expo.Requests())
	}
}
