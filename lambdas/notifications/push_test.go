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

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
)

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
