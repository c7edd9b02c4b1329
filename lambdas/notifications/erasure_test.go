package notifications

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure/erasuretest"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
)

// A notice waits in a queue while the user erases their data. The next one is told.
func TestDeliver_NoticeFromBeforeAnErasure_IsNotPushed(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	notice, next := w.notice("before", "insight"), w.notice("after", "insight")
	erasuretest.Of(t, w.users).Erase(t, "ada", w.at.Add(time.Second))
	next.CausedAt = w.at.Add(2 * time.Second).UnixMilli()
	must(t, w.Deliver(t.Context(), notice))
	if left := dynamotest.Text(t, w.table); w.expo.Requests() != 0 || left != "[]" {
		t.Errorf("%d requests, stored %s", w.expo.Requests(), left)
	}
	must(t, w.Deliver(t.Context(), next))
	if taken := w.expo.Taken(); len(taken) != 1 {
		t.Errorf("pushed %+v", taken)
	}
}

// A delivery is stored, and the erasure has begun and not reached it yet.
func TestPoll_DeliveryFromBeforeAnErasure_IsNotPushed(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	w.expo.Set(fakes.Throttled)
	notice := w.notice("n", "insight")
	if err := w.Deliver(t.Context(), notice); err == nil {
		t.Error("Expo took it")
	}
	w.expo.Set("")
	external.ResetBreakers()
	requests := w.expo.Requests()
	w.age("ada")
	erasuretest.Of(t, w.users).Begin(t, "ada", w.at.Add(time.Second))
	w.at = w.at.Add(time.Hour)
	must(t, w.Poll(t.Context()))
	must(t, w.Deliver(t.Context(), notice))
	if pushed := w.expo.Requests() - requests; pushed != 0 {
		t.Errorf("pushed %d times", pushed)
	}
	w.isErased("ada")
}

// age makes the deliveries of a user as old as can be.
func (w *pushWorld) age(user string) {
	w.t.Helper()
	for _, item := range w.stored(user) {
		change := expression.Set(expression.Name(store.WrittenAt), expression.Value(1))
		_, err := w.deliveries.Notes().Update(w.t.Context(), store.Key{user, item.ID}, change)
		must(w.t, err)
	}
}

// isErased checks that an erasure finds the deliveries that age made old.
func (w *pushWorld) isErased(user string) {
	w.t.Helper()
	all := w.stored(user)
	for _, item := range all {
		if err := w.deliveries.Delete(w.t.Context(), store.Key{user, item.ID}, store.WrittenBefore(time.UnixMilli(2))); err != nil {
			w.t.Errorf("an erasure does not find %s: %v", item.ID, err)
		}
	}
	if len(all) == 0 {
		w.t.Error("nothing is stored")
	}
}

func (w *pushWorld) stored(user string) []tables.Delivery {
	w.t.Helper()
	page, err := w.deliveries.Query(w.t.Context(), store.Query{
		Partition: user, Limit: 100, Consistency: store.Consistent, Filter: expression.Name("notice").AttributeExists(),
	})
	must(w.t, err)
	return page.Items
}

// What is noted on a delivery leaves it as old as it is, so that an erasure finds it.
func TestDelivery_NotesOfAttemptsAndTickets_KeepTheTimeOfItsContent(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	delivery := tables.Delivery{UserID: "ada", ID: "n", Notice: "{}", DueAt: 1}
	must(t, w.deliveries.Create(t.Context(), delivery))
	w.age("ada")
	must(t, w.changeWaiting(t.Context(), delivery, expression.Set(expression.Name("dueAt"), expression.Value(2))))
	must(t, w.giveBack(t.Context(), delivery))
	delivery.DueAt = w.at.UnixMilli()
	must(t, w.resume(t.Context(), delivery, w.notice("n", "insight"), devices{}))
	must(t, w.giveBack(t.Context(), delivery))
	must(t, w.change(t.Context(), delivery, expression.Set(expression.Name("queue"), expression.Value(tables.ReceiptsQueue))))
	w.isErased("ada")
}

func TestFeed_MessagesFromBeforeAnErasure_EnterNothing(t *testing.T) {
	users, name := newTable[account](t, tables.Users)
	must(t, users.Put(t.Context(), account{"ada"}))
	f, accounts := newFeed(t), erasuretest.Of(t, name)
	f.guard = accounts.Guard
	boundary := time.UnixMilli(1_800_000_000_000)
	accounts.Erase(t, "ada", boundary)
	notice := Notice{UserID: "ada", Cause: "payment-t1", At: boundary.Add(time.Hour).UnixMilli(), CausedAt: boundary.UnixMilli() - 1, Type: "transaction", Event: LargePayment, Amount: money.FromMinor(50000, 2)}
	must(t, f.AddNotice(t.Context(), notice))
	must(t, f.AddGoal(t.Context(), reached("ada", "g1", boundary.UnixMilli()-1)))
	must(t, f.AddBudget(t.Context(), crossed("ada", alertID)))
	if got := f.all(t, "ada"); len(got) != 0 {
		t.Errorf("entered %+v", got)
	}
	notice.CausedAt = boundary.Add(time.Second).UnixMilli()
	must(t, f.AddNotice(t.Context(), notice))
	if got := f.all(t, "ada"); len(got) != 1 {
		t.Errorf("entered %+v", got)
	}
}

func TestCollect_NoticeFromBeforeAnErasure_IsInNoDigest(t *testing.T) {
	w := newDigestWorld(t)
	notice := w.notice("ada", "budget-1")
	erasuretest.Of(t, w.guarded).Erase(t, "ada", w.at.Add(time.Second))
	w.collect(notice)
	if left := dynamotest.Text(t, w.table); left != "[]" {
		t.Errorf("stored %s", left)
	}
	w.at = w.at.Add(time.Hour)
	notice = w.notice("ada", "budget-2")
	w.collect(notice)
	w.morning()
	if sent := w.digests("ada"); len(sent) != 1 || len(sent[0].Noticed) != 1 {
		t.Errorf("sent %+v", sent)
	}
}

// The notices are collected, and the erasure has begun and not reached them yet.
func TestDigest_ErasureBegun_IsNotSent(t *testing.T) {
	w := newDigestWorld(t)
	w.collect(w.notice("ada", "budget-1"))
	erasuretest.Of(t, w.guarded).Begin(t, "ada", w.at.Add(time.Second))
	w.at = nextDigest(w.at, tables.DailyDigest, time.UTC)
	must(t, w.digest(dynamotest.Client(t)).Request(t.Context()))
	for _, request := range w.requests.all {
		_ = w.mail(dynamotest.Client(t)).Send(t.Context(), request)
	}
	if sent := w.digests("ada"); len(w.requests.all) == 0 || len(sent) != 0 {
		t.Errorf("requested %v, sent %+v", w.requests.all, sent)
	}
}
