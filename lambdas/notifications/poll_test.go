package notifications

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/expo"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// users have accounts in a pushWorld.
var users = [...]string{"ada", "eve", "eda"}

// slowExpo takes some seconds for each request, by a clock that it moves. Requests for the
// users at the same time share them.
type slowExpo struct {
	mu    sync.Mutex
	at    time.Time
	takes time.Duration

	sent  map[any]int // messages by the id of their notification
	asked int         // how often it was asked for receipts
}

func (e *slowExpo) now() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.at
}

func (e *slowExpo) Send(ctx context.Context, messages []expo.Message) ([]expo.Outcome, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if end, _ := ctx.Deadline(); end.Before(e.at.Add(e.takes)) {
		return nil, context.DeadlineExceeded
	}
	e.at = e.at.Add(e.takes / time.Duration(len(users)))
	outcomes := make([]expo.Outcome, len(messages))
	for i, message := range messages {
		e.sent[message.Data["notificationId"]]++
		outcomes[i].Ticket = fmt.Sprint("ticket-", i)
	}
	return outcomes, nil
}

// Receipts has none.
func (e *slowExpo) Receipts(context.Context, []string) (map[string]expo.Failure, error) {
	e.asked++
	return nil, nil
}

// until is a context with a deadline by another clock.
type until struct {
	context.Context
	end time.Time
}

func (u until) Deadline() (time.Time, bool) { return u.end, true }

// waiting has notices wait for the end of the night, which has come then. It returns the ids
// of their notifications.
func (w *pushWorld) waiting(notices int) map[any]int {
	w.t.Helper()
	w.at = time.Date(2026, 7, 14, 1, 0, 0, 0, time.UTC)
	ids := map[any]int{}
	for i, user := range users {
		w.bind(user, i)
		w.limit(user, notices)
	}
	for i := range notices {
		notice := w.notice(fmt.Sprint("n", i), "insight")
		notice.UserID = users[i%len(users)]
		must(w.t, w.Deliver(w.t.Context(), notice))
		ids[notice.Item().ID] = 1
	}
	w.at = time.Date(2026, 7, 14, 7, 0, 0, 0, time.UTC)
	return ids
}

func TestPoll_SlowExpo_StopsInTimeAndPushesEachNoticeOnce(t *testing.T) {
	const notices = maxPolled + 7
	w := newPushWorld(t)
	want := w.waiting(notices)
	slow := &slowExpo{at: w.at, takes: 7 * time.Second, sent: map[any]int{}}
	w.push.expo, w.push.now = slow, slow.now
	runs := 0
	for ; len(slow.sent) < notices && runs < notices; runs++ {
		before, end := len(slow.sent), slow.now().Add(time.Minute)
		must(t, w.Poll(until{t.Context(), end}))
		if len(slow.sent) == before || slow.now().After(end) {
			t.Fatalf("run %d sent %d notices and ended %s before its deadline", runs, len(slow.sent)-before, end.Sub(slow.now()))
		}
	}
	if !maps.Equal(slow.sent, want) {
		t.Errorf("after %d runs: %d of %d notices are sent, or some twice: %v", runs, len(slow.sent), notices, slow.sent)
	}
	if runs < 2 {
		t.Errorf("%d runs sent all", runs)
	}
}

func TestPoll_FastExpo_SendsAllPagesInOneRun(t *testing.T) {
	w := newPushWorld(t)
	w.waiting(maxPolled + 1)
	must(t, w.Poll(t.Context()))
	if taken := w.expo.Taken(); len(taken) != maxPolled+1 {
		t.Errorf("pushed %d", len(taken))
	}
}

func TestPoll_ReceiptsOfManyDeliveries_AreReadInOneRun(t *testing.T) {
	const deliveries, devices = 250, 5
	w := newPushWorld(t)
	for i, user := range users {
		w.limit(user, deliveries)
		for device := range devices {
			w.bind(user, devices*i+device)
		}
	}
	w.expo.Uninstall(pushTokenOf(0))
	for i := range deliveries {
		notice := w.notice(fmt.Sprint("n", i), "insight")
		notice.UserID = users[i%len(users)]
		must(t, w.Deliver(t.Context(), notice))
	}
	w.at = w.at.Add(receiptsAfter)
	before := w.expo.Requests()
	must(t, w.Poll(t.Context()))
	if requests := w.expo.Requests() - before; requests != 2 {
		t.Errorf("%d requests for %d receipts", requests, deliveries*devices)
	}
	if left := w.tokens(users[0]); len(left) != devices-1 {
		t.Errorf("%d tokens are left", len(left))
	}
	w.at = w.at.Add(time.Hour)
	if left, _, err := w.due(t.Context(), tables.ReceiptsQueue, w.at, ""); err != nil || len(left) != 0 {
		t.Errorf("%d deliveries are left, %v", len(left), err)
	}
}

func TestPoll_SlowReceipts_StopsInTime(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	must(t, w.Deliver(t.Context(), w.notice("goal-1", "insight")))
	w.at = w.at.Add(receiptsAfter)
	slow := &slowExpo{}
	w.push.expo = slow
	must(t, w.Poll(until{t.Context(), w.at.Add(sendTime - time.Second)}))
	if slow.asked != 0 {
		t.Error("asked in the last seconds of a run")
	}
	must(t, w.Poll(until{t.Context(), w.at.Add(sendTime)}))
	if slow.asked != 1 {
		t.Error("the next run did not ask")
	}
}
