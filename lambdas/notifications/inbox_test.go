package notifications

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed/sealedtest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// inboxWorld is a stage with the accounts of "ada" and "eve".
type inboxWorld struct {
	*inbox
	t     *testing.T
	goals sealedtest.Table[goalTitle]
	sent  []Notice
	fails error // of Publish
	at    time.Time

	records *idempotency.Records
}

func newInbox(t *testing.T) *inboxWorld {
	t.Helper()
	w := &inboxWorld{t: t, at: time.UnixMilli(1_800_000_000_000), records: routetest.Records(t)}
	history := sealedtest.New[tables.NotificationWithText](t, tables.NotificationHistory, "ada", "eve")
	w.goals = sealedtest.New[goalTitle](t, tables.Goals, "ada", "eve")
	w.inbox = &inbox{
		history: history.Table, goals: w.goals.Table, eraser: erasure.New(history.Raw),
		marks:   store.New[tables.Notification](dynamotest.Client(t), history.Name, tables.NotificationHistory),
		notices: w,
		now:     func() time.Time { return w.at },
	}
	return w
}

// Publish notes what a client sends.
func (w *inboxWorld) Publish(_ context.Context, _ string, notice Notice) error {
	w.sent = append(w.sent, notice)
	return w.fails
}

// send has "ada" send a notification with a client's key, or none.
func (w *inboxWorld) send(clientKey, body string) error {
	w.t.Helper()
	in := routetest.MustRead[sendRequest](w.t, body, nil)
	request := idempotency.Request{User: "ada", Route: "POST /notifications/send", ClientKey: clientKey, Body: []byte(body)}
	_, err := idempotency.Do(w.t.Context(), w.records, request, func(ctx context.Context) (function.SuccessResponse, error) {
		return w.Send(ctx, caller("ada"), in)
	})
	return err
}

// add stores a notification of the user that happened so many minutes ago.
func (w *inboxWorld) add(user, id string, minutes int, edit func(*tables.Notification)) string {
	w.t.Helper()
	at := w.at.Add(-time.Duration(minutes) * time.Minute)
	n := tables.Notification{
		UserID: user, ID: store.TimeOrderedID(at, id), Type: "insight", Event: goals.Reached.Name, CreatedAt: at.UnixMilli(), ExpiresAt: at.Add(retention).Unix(),
	}
	if edit != nil {
		edit(&n)
	}
	must(w.t, w.marks.Put(w.t.Context(), n))
	return n.ID
}

func (w *inboxWorld) list(user string, limit int) listResponse {
	w.t.Helper()
	got, err := w.List(w.t.Context(), caller(user), listRequest{limit})
	must(w.t, err)
	return got
}

func TestList_Notifications_NewestFirstWithTexts(t *testing.T) {
	w := newInbox(t)
	must(t, w.goals.Put(t.Context(), "ada", goalTitle{"ada", "g1", "Holiday"}))
	w.add("ada", "old", 9, func(n *tables.Notification) { n.GoalID, n.Amount = "g1", money.FromMinor(2050, 2) })
	w.add("ada", "new", 1, func(n *tables.Notification) { n.GoalID, n.Amount = "deleted", money.FromMinor(1000, 2) })
	w.add("ada", "newest", 0, func(n *tables.Notification) {
		n.Type, n.Event, n.Threshold, n.Amount, n.Limit = "budget", budgets.Crossed.Name, 100, money.FromMinor(5100, 2), money.FromMinor(5000, 2)
	})
	w.add("eve", "other", 0, nil)
	got := w.list("ada", 0)
	if got.Count != 3 || !got.Success {
		t.Fatalf("got %+v", got)
	}
	for i, want := range []string{
		"You have spent £51.00, and your budget is £50.00.",
		"You have reached a goal of £10.00.",
		"You have reached your goal Holiday of £20.50.",
	} {
		if n := got.Notifications[i]; n.Message != want || n.Title == "" || n.Read || n.ID != n.NotificationID || n.CreatedAt == "" {
			t.Errorf("%d: got %+v", i, n)
		}
	}
	if limited := w.list("ada", 2); len(limited.Notifications) != 2 || limited.Notifications[0].Type != "budget" {
		t.Errorf("two of them are %+v", limited)
	}
}

func TestList_ExpiredNotification_IsLeftOut(t *testing.T) {
	w := newInbox(t)
	w.add("ada", "old", int((retention + time.Hour).Minutes()), nil)
	if got := w.list("ada", 0); got.Count != 0 {
		t.Errorf("got %+v", got)
	}
	text, _ := json.Marshal(w.list("ada", 0))
	if string(text) != `{"notifications":[],"count":0,"success":true}` {
		t.Errorf("got %s", text)
	}
}

// The app spreads data over the notification.
func TestList_DataWithReservedNames_LeavesThemOut(t *testing.T) {
	w := newInbox(t)
	must(t, w.history.Put(t.Context(), "ada", tables.NotificationWithText{
		Notification: tables.Notification{UserID: "ada", ID: "1", Type: "budget", Event: Sent, CreatedAt: 1, ExpiresAt: w.at.Unix() + 100},
		Text:         `{"title":"T","message":"M","data":{"id":"x","title":"x","message":"x","type":"x","isRead":true,"read":true,"timestamp":1,"createdAt":1,"merchant":"Shop"}}`,
	}))
	got := w.list("ada", 0).Notifications
	text, _ := json.Marshal(got[0].Data)
	if got[0].Title != "T" || got[0].Message != "M" || string(text) != `{"merchant":"Shop"}` {
		t.Errorf("got %+v with %s", got[0], text)
	}
}

func TestMarkRead_HundredAtOnce_AllAreRead(t *testing.T) {
	w := newInbox(t)
	var ids []string
	for i := range 100 {
		ids = append(ids, w.add("ada", fmt.Sprint(i), i, nil))
	}
	var all sync.WaitGroup
	for _, id := range append(ids, ids...) { // each twice
		all.Go(func() {
			if got, err := w.MarkRead(t.Context(), caller("ada"), readRequest{id, id}); err != nil || !got.Success {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	all.Wait()
	got := w.list("ada", 200)
	for _, n := range got.Notifications {
		if !n.Read {
			t.Errorf("%s is not read", n.ID)
		}
	}
	if got.Count != 100 {
		t.Errorf("there are %d", got.Count)
	}
}

func TestMarkRead_UnknownID_IsHarmless(t *testing.T) {
	w := newInbox(t)
	theirs := w.add("eve", "hers", 0, nil)
	for _, id := range []string{"0:1700000000%abc", "6A1F6C5E-1F1B-4E2E-9F7B-1", "1700000000000", theirs} {
		if got, err := w.MarkRead(t.Context(), caller("ada"), readRequest{id, id}); err != nil || !got.Success {
			t.Errorf("%s: got %+v, %v", id, got, err)
		}
	}
	if w.list("ada", 0).Count != 0 || w.list("eve", 0).Notifications[0].Read {
		t.Error("an unknown id changed something")
	}
}

func TestClear_OwnNotifications_AreDeleted(t *testing.T) {
	w := newInbox(t)
	for i := range 30 {
		w.add("ada", fmt.Sprint(i), i, nil)
	}
	w.add("eve", "hers", 0, nil)
	for _, want := range []int{30, 0} {
		if got, err := w.Clear(t.Context(), caller("ada"), function.NoInput{}); err != nil || got.Deleted != want || !got.Success {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	if w.list("eve", 0).Count != 1 {
		t.Error("another user's notifications are gone")
	}
}

func TestSend_OwnNotification_IsInTheFeedAndPublishedWithoutItsText(t *testing.T) {
	w := newInbox(t)
	in := routetest.MustRead[sendRequest](t, `{"type":"account","title":"Bill","message":"Rent is due","data":{"id":"x","amount":12.5,"merchant":"Flat"},"priority":"high","sound":"default"}`, nil)
	if got, err := routetest.Once(t, w.records, caller("ada"), w.Send, in); err != nil || !got.Success {
		t.Fatalf("got %+v, %v", got, err)
	}
	listed := w.list("ada", 0).Notifications
	text, _ := json.Marshal(listed)
	if len(listed) != 1 || listed[0].Title != "Bill" || listed[0].Message != "Rent is due" || listed[0].Type != "account" || fmt.Sprint(listed[0].Data) != "map[amount:12.5 merchant:Flat]" {
		t.Errorf("listed %s", text)
	}
	if message, _ := json.Marshal(w.sent); len(w.sent) != 1 || w.sent[0].UserID != "ada" || w.sent[0].Item().ID != listed[0].ID || strings.Contains(string(message), "Rent") {
		t.Errorf("published %s", message)
	}
}

func TestSend_DataThatIsNoPlainValue_IsRefused(t *testing.T) {
	w := newInbox(t)
	many := map[string]any{}
	for i := range maxData + 1 {
		many[fmt.Sprint("k", i)] = i
	}
	for _, about := range []map[string]any{{"a": map[string]any{}}, {"a": []any{1}}, {"a b": 1}, {"a": "<script>"}, {"a": strings.Repeat("x", maxOtherText+1)}, many} {
		if _, err := w.Send(t.Context(), caller("ada"), sendRequest{Type: "account", Title: "T", Message: "M", Data: about}); !errors.Is(err, errBadData) {
			t.Errorf("%v: got %v", about, err)
		}
	}
	if len(w.sent) != 0 || w.list("ada", 0).Count != 0 {
		t.Error("a refused notification was sent")
	}
}

const rentReminder = `{"type":"account","title":"Bill","message":"Rent is due"}`

// A publication that fails may have arrived. The repetition publishes the same notice, which
// is pushed once (TestDeliver_SameNoticeAtOnce_IsPushedOnce).
func TestSend_PublishFails_RepetitionPublishesTheSameNotification(t *testing.T) {
	for _, clientKey := range []string{"", "k1"} {
		w := newInbox(t)
		w.fails = errors.New("SNS is down")
		if err := w.send(clientKey, rentReminder); !errors.Is(err, w.fails) {
			t.Fatalf("key %q: got %v", clientKey, err)
		}
		w.at, w.fails = w.at.Add(time.Minute), nil
		for range 2 {
			must(t, w.send(clientKey, rentReminder))
		}
		listed := w.list("ada", 0).Notifications
		if len(listed) != 1 || len(w.sent) != 2 || w.sent[0] != w.sent[1] || w.sent[0].Item().ID != listed[0].ID {
			t.Errorf("key %q: listed %+v, published %+v", clientKey, listed, w.sent)
		}
	}
}

func TestSend_OtherRequestAfterAFailure_IsANotificationOfItsOwn(t *testing.T) {
	for name, again := range map[string]func(w *inboxWorld) error{
		"another body": func(w *inboxWorld) error {
			return w.send("k1", `{"type":"account","title":"Bill","message":"Gas is due"}`)
		},
		"another key": func(w *inboxWorld) error { return w.send("k2", rentReminder) },
		"the user cleared the feed": func(w *inboxWorld) error {
			_, err := w.Clear(t.Context(), caller("ada"), function.NoInput{})
			must(t, err)
			return w.send("k1", rentReminder)
		},
		"after the window": func(w *inboxWorld) error {
			w.at = w.at.Add(idempotency.ClientWindow)
			return w.send("k1", rentReminder)
		},
	} {
		w := newInbox(t)
		w.fails = errors.New("SNS is down")
		_ = w.send("k1", rentReminder)
		w.at, w.fails = w.at.Add(time.Minute), nil
		must(t, again(w))
		newest := w.list("ada", 0).Notifications[0]
		if len(w.sent) != 2 || w.sent[0].Item().ID == w.sent[1].Item().ID || newest.ID != w.sent[1].Item().ID {
			t.Errorf("%s: the newest is %+v, published %+v", name, newest, w.sent)
		}
	}
}
