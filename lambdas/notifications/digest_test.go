package notifications

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/internal/email/emailtest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/unsubscribe"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// digestWorld is a stage with the accounts of "ada" and "eve", who want a daily digest, and a
// clock that tests move. It is noon on Tuesday, 14 July 2026, in London.
type digestWorld struct {
	t        *testing.T
	settings *store.Table[tables.NotificationPreferencesItem]
	// preferences, table and guarded name the tables of preferences, deliveries and accounts.
	preferences, table, guarded string
	users                       *store.Table[account]
	accounts                    fakeAccounts
	links                       *unsubscribe.Links
	outbox                      emailtest.Outbox
	requests                    requestQueue
	at                          time.Time
}

type fakeAccounts map[string]*tables.User

func (f fakeAccounts) Get(_ context.Context, userID string) (*tables.User, error) {
	if user := f[userID]; user != nil {
		return user, nil
	}
	return nil, accounts.ErrNotFound
}

// requestQueue has the requested digests.
type requestQueue struct{ all []DigestRequest }

func (q *requestQueue) Send(_ context.Context, messages ...messaging.Message[DigestRequest]) error {
	for _, message := range messages {
		if strings.Contains(message.ID, message.Body.UserID) {
			return fmt.Errorf("the id %q of a message has the user's", message.ID)
		}
		q.all = append(q.all, message.Body)
	}
	return nil
}

func newDigestWorld(t *testing.T) *digestWorld {
	t.Helper()
	w := &digestWorld{t: t, at: time.Date(2026, 7, 14, 11, 0, 0, 0, time.UTC), links: unsubscribe.New(awsfake.NewKMS(), "key"), accounts: fakeAccounts{}}
	w.settings, w.preferences = newTable[tables.NotificationPreferencesItem](t, tables.NotificationSettings)
	w.users, w.guarded = newTable[account](t, tables.Users)
	w.table = dynamotest.Table(t, tables.Deliveries)
	for _, user := range []string{"ada", "eve"} {
		must(t, w.users.Put(t.Context(), account{user}))
		w.accounts[user] = &tables.User{UserID: user, Email: tables.EncryptedString(user + "@example.com"), EmailVerified: true}
		w.choose(user, tables.DailyDigest)
	}
	return w
}

func (w *digestWorld) choose(user string, frequency tables.DigestFrequency) {
	w.t.Helper()
	wanted := tables.DefaultNotificationPreferences()
	wanted.EmailDigest = frequency
	w.prefer(user, wanted)
}

func (w *digestWorld) prefer(user string, wanted tables.NotificationPreferences) {
	w.t.Helper()
	must(w.t, w.settings.Put(w.t.Context(), tables.NotificationPreferencesItem{UserID: user, ID: tables.NotificationPreferencesID, Notifications: wanted}))
}

func (w *digestWorld) digest(client store.Client) *digest {
	return &digest{
		settings: w.settings, deliveries: store.New[tables.Delivery](client, w.table, tables.Deliveries),
		guard: erasure.NewGuard(client, w.guarded), requests: &w.requests, now: func() time.Time { return w.at },
	}
}

func (w *digestWorld) mail(client store.Client) *digestMail {
	return &digestMail{
		settings: w.settings, deliveries: store.New[tables.Delivery](client, w.table, tables.Deliveries), accounts: w.accounts,
		guard: erasure.NewGuard(client, w.guarded), links: w.links, domain: "api.example.com", mail: &w.outbox, now: func() time.Time { return w.at },
	}
}

func (w *digestWorld) notice(user, cause string) Notice {
	return Notice{
		UserID: user, Cause: cause, At: w.at.UnixMilli(), CausedAt: w.at.UnixMilli(), Type: "budget", Event: budgets.Crossed.Name, Threshold: 80,
		Limit: money.FromMinor(50000, 2), Amount: money.FromMinor(41250, 2),
	}
}

func (w *digestWorld) collect(notices ...Notice) {
	w.t.Helper()
	for _, notice := range notices {
		must(w.t, w.digest(dynamotest.Client(w.t)).Collect(w.t.Context(), notice))
	}
}

// morning is the next eight o'clock in London, by summer time. It requests what is due and
// sends it, each twice.
func (w *digestWorld) morning() {
	w.t.Helper()
	w.at = nextDigest(w.at, tables.DailyDigest, time.FixedZone("BST", 3600))
	w.run()
}

func (w *digestWorld) run() {
	w.t.Helper()
	w.requests.all = nil
	for range 2 {
		must(w.t, w.digest(dynamotest.Client(w.t)).Request(w.t.Context()))
	}
	for _, request := range append(w.requests.all, w.requests.all...) {
		must(w.t, w.mail(dynamotest.Client(w.t)).Send(w.t.Context(), request))
	}
}

// digests returns the digests that were sent to a user.
func (w *digestWorld) digests(user string) (all []emailtemplates.Digest) {
	for _, sent := range w.outbox.Sent() {
		if sent.To == user+"@example.com" {
			all = append(all, sent.Message.(emailtemplates.Digest))
		}
	}
	return all
}

func TestDigest_Daily_TellsOnceOfWhatWasNoticed(t *testing.T) {
	w := newDigestWorld(t)
	first := w.notice("ada", "budget-1")
	w.collect(first, first)
	w.at = w.at.Add(time.Hour)
	goal := Notice{UserID: "ada", Cause: "goal-1", At: w.at.UnixMilli(), Type: "insight", Event: goals.Reached.Name, GoalID: "1", Amount: money.FromMinor(30000, 2)}
	w.collect(goal)
	w.run()
	if sent := w.outbox.Sent(); len(sent) != 0 {
		t.Fatalf("before eight: %+v", sent)
	}
	w.morning()
	sent := w.digests("ada")
	if len(sent) != 1 || len(w.digests("eve")) != 0 {
		t.Fatalf("sent %+v", w.outbox.Sent())
	}
	want := []emailtemplates.Noticed{
		{Title: "Goal reached", Message: "You have reached a goal of £300.00."},
		{Title: "Budget nearly spent", Message: "You have spent £412.50, 80 % of your budget of £500.00."},
	}
	if got := sent[0]; !got.At.Equal(w.at) || got.More != 0 || fmt.Sprint(got.Noticed) != fmt.Sprint(want) {
		t.Errorf("sent %+v", got)
	}
	w.collect(first) // comes again
	w.morning()
	if sent := w.digests("ada"); len(sent) != 1 {
		t.Errorf("a notice that came again is in another digest: %+v", sent)
	}
	w.collect(w.notice("ada", "budget-2"))
	w.morning()
	if sent := w.digests("ada"); len(sent) != 2 || len(sent[1].Noticed) != 1 {
		t.Errorf("the next digest: %+v", sent)
	}
}

func TestDigest_Link_TurnsOffTheUsersDigestOnly(t *testing.T) {
	w := newDigestWorld(t)
	w.collect(w.notice("ada", "1"), w.notice("eve", "1"))
	w.morning()
	for _, sent := range w.outbox.Sent() {
		token, found := strings.CutPrefix(sent.Link, "https://api.example.com/notifications/unsubscribe/")
		list, user, err := w.links.Read(t.Context(), token)
		if !found || err != nil || list != unsubscribe.Digest || user+"@example.com" != sent.To {
			t.Errorf("the link to %s is %s: %s of %s, %v", sent.To, sent.Link, list, user, err)
		}
	}
	if len(w.outbox.Sent()) != 2 {
		t.Errorf("sent %+v", w.outbox.Sent())
	}
}

func TestDigest_Weekly_IsDueOnMonday(t *testing.T) {
	w := newDigestWorld(t)
	w.choose("ada", tables.WeeklyDigest)
	for day := range 6 { // to Sunday
		w.collect(w.notice("ada", fmt.Sprint("day-", day)))
		w.morning()
		if sent := w.digests("ada"); day < 5 && len(sent) != 0 {
			t.Fatalf("sent on %s: %+v", w.at, sent)
		}
	}
	if sent := w.digests("ada"); len(sent) != 1 || len(sent[0].Noticed) != 6 || w.at.Weekday() != time.Monday {
		t.Errorf("on %s: sent %+v", w.at, sent)
	}
}

func TestCollect_WhatTheUserDoesNotWant_IsLeftOut(t *testing.T) {
	w := newDigestWorld(t)
	wanted := tables.DefaultNotificationPreferences()
	w.prefer("ada", wanted)
	w.collect(w.notice("ada", "no digest"), w.notice("nobody", "no preferences"))
	wanted.EmailDigest, wanted.Budgets = tables.DailyDigest, false
	w.prefer("ada", wanted)
	own := w.notice("ada", "own")
	own.Type, own.Event = "security", Sent
	w.collect(w.notice("ada", "no budgets"), own)
	if text := dynamotest.Text(t, w.table); strings.Contains(text, "ada") || strings.Contains(text, "nobody") {
		t.Errorf("stored %s", text)
	}
}

func TestCollect_JustBeforeTheDigest_GoesIntoTheNext(t *testing.T) {
	w := newDigestWorld(t)
	w.at = time.Date(2026, 7, 15, 6, 59, 30, 0, time.UTC)
	w.collect(w.notice("ada", "late"))
	w.morning()
	if sent := w.digests("ada"); len(sent) != 0 {
		t.Errorf("sent %+v", sent)
	}
	w.morning()
	if sent := w.digests("ada"); len(sent) != 1 {
		t.Errorf("sent %+v", sent)
	}
}

func TestDigest_PreferencesAtTheTimeOfSending_Decide(t *testing.T) {
	for name, change := range map[string]func(w *digestWorld){
		"turned off": func(w *digestWorld) { w.choose("ada", "") },
		"no budgets": func(w *digestWorld) { w.prefer("ada", tables.NotificationPreferences{EmailDigest: tables.DailyDigest}) },
		"no preferences": func(w *digestWorld) {
			must(w.t, w.settings.Delete(w.t.Context(), store.Key{"ada", tables.NotificationPreferencesID}))
		},
		"address not confirmed": func(w *digestWorld) { w.accounts["ada"].EmailVerified = false },
		"account erased":        func(w *digestWorld) { delete(w.accounts, "ada") },
		"data erased": func(w *digestWorld) {
			deliveries := store.New[tables.Delivery](dynamotest.Client(w.t), w.table, tables.Deliveries)
			page, err := deliveries.Query(w.t.Context(), store.Query{Partition: "ada", Limit: 10})
			must(w.t, err)
			for _, item := range page.Items {
				must(w.t, deliveries.Delete(w.t.Context(), store.Key{"ada", item.ID}))
			}
		},
	} {
		w := newDigestWorld(t)
		w.collect(w.notice("ada", "1"))
		change(w)
		w.morning()
		first := w.requests.all
		if w.run(); len(w.requests.all) != 0 {
			t.Errorf("%s: requested again: %v", name, w.requests.all)
		}
		w.choose("ada", tables.DailyDigest)
		w.accounts["ada"] = &tables.User{Email: "ada@example.com", EmailVerified: true}
		for _, request := range first { // comes again
			must(t, w.mail(dynamotest.Client(t)).Send(t.Context(), request))
		}
		if sent := w.outbox.Sent(); len(sent) != 0 {
			t.Errorf("%s: sent %+v", name, sent)
		}
	}
}

// hook calls a function before the digest's attempt is stored.
type hook struct {
	*unsubscribe.Links
	before func()
}

func (h hook) URL(ctx context.Context, domain string, list unsubscribe.List, userID string) (string, error) {
	h.before()
	return h.Links.URL(ctx, domain, list, userID)
}

func TestDigest_TurnedOffOrErasedWhileComposed_IsNotSent(t *testing.T) {
	for name, change := range map[string]func(w *digestWorld){
		"turned off": func(w *digestWorld) { w.choose("ada", "") },
		"erased":     func(w *digestWorld) { must(w.t, w.users.Delete(w.t.Context(), store.Key{"ada"})) },
	} {
		w := newDigestWorld(t)
		w.collect(w.notice("ada", "1"))
		w.at = w.at.Add(24 * time.Hour)
		must(t, w.digest(dynamotest.Client(t)).Request(t.Context()))
		m := w.mail(dynamotest.Client(t))
		m.links = hook{w.links, func() { change(w) }}
		must(t, m.Send(t.Context(), w.requests.all[0]))
		if sent := w.outbox.Sent(); len(sent) != 0 {
			t.Errorf("%s: sent %+v", name, sent)
		}
	}
}

func TestDigest_ManyNotices_ShowsTheLatestAndCountsTheOthers(t *testing.T) {
	w := newDigestWorld(t)
	for i := range maxShown + 3 {
		w.at = w.at.Add(time.Second)
		notice := w.notice("ada", fmt.Sprint(i))
		notice.Amount = money.FromMinor(int64(i), 2)
		w.collect(notice)
	}
	w.morning()
	sent := w.digests("ada")
	if len(sent) != 1 || len(sent[0].Noticed) != maxShown || sent[0].More != 3 || !strings.Contains(sent[0].Noticed[0].Message, "£0.22") {
		t.Errorf("sent %+v", sent)
	}
}

func TestDigest_SameRequestAtOnce_IsSentOnce(t *testing.T) {
	w := newDigestWorld(t)
	w.collect(w.notice("ada", "1"))
	w.at = w.at.Add(24 * time.Hour)
	must(t, w.digest(dynamotest.Client(t)).Request(t.Context()))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := w.mail(dynamotest.Client(t)).Send(t.Context(), w.requests.all[0]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if sent := w.outbox.Sent(); len(sent) != 1 {
		t.Errorf("sent %d", len(sent))
	}
}

// outboxOf is SES as an environment reaches it.
type outboxOf struct {
	life   *dynamotest.Life
	outbox *emailtest.Outbox
}

func (o outboxOf) SendToList(ctx context.Context, to string, message emailtemplates.Message, link string) error {
	err := o.life.Call(func() error { return o.outbox.SendToList(ctx, to, message, link) })
	if errors.Is(err, dynamotest.ErrKilled) {
		panic(err) // an environment that has ended does nothing more
	}
	return err
}

// deliver sends a digest in an environment, and reports whether the environment was killed.
func (w *digestWorld) deliver(life *dynamotest.Life, request DigestRequest) (killed bool) {
	defer func() {
		if recover() != nil {
			killed = true
		}
	}()
	m := w.mail(life.Client(w.t))
	m.settings = store.New[tables.NotificationPreferencesItem](life.Client(w.t), w.preferences, tables.NotificationSettings)
	m.mail = outboxOf{life, &w.outbox}
	return m.Send(w.t.Context(), request) != nil
}

// A process that ends between the stored attempt and SES may lose a digest. No end leads to
// two.
func TestDigest_ProcessEndsAtAnyCall_IsSentOnceAtMost(t *testing.T) {
	kills, lost := 0, 0
	for calls := 1; ; calls++ {
		before := kills
		for _, arrives := range []bool{false, true} {
			w := newDigestWorld(t)
			w.collect(w.notice("ada", "1"))
			w.at = w.at.Add(24 * time.Hour)
			must(t, w.digest(dynamotest.Client(t)).Request(t.Context()))
			if w.deliver(dynamotest.NewLife(calls, arrives), w.requests.all[0]) {
				kills++
			}
			for range 2 {
				must(t, w.mail(dynamotest.Client(t)).Send(t.Context(), w.requests.all[0]))
			}
			w.run()
			switch sent := len(w.outbox.Sent()); {
			case sent == 0:
				lost++
			case sent > 1:
				t.Errorf("killed at call %d, which arrives: %v; sent %d", calls, arrives, sent)
			}
		}
		if kills == before {
			break
		}
	}
	if kills < 10 || lost != 2 {
		t.Errorf("%d of %d kills lost the digest: only one at the stored attempt or at SES may", lost, kills)
	}
}

func TestCollect_ProcessEndsAtAnyCall_TellsOnce(t *testing.T) {
	for calls := 1; calls <= 3; calls++ {
		for _, arrives := range []bool{false, true} {
			w := newDigestWorld(t)
			notice := w.notice("ada", "1")
			_ = w.digest(dynamotest.NewLife(calls, arrives).Client(t)).Collect(t.Context(), notice)
			w.collect(notice)
			w.morning()
			if sent := w.digests("ada"); len(sent) != 1 || len(sent[0].Noticed) != 1 {
				t.Errorf("killed at call %d, which arrives: %v; sent %+v", calls, arrives, sent)
			}
		}
	}
}

func TestDigest_SESFails_IsSentAgainUnlessItMayBeSent(t *testing.T) {
	for name, c := range map[string]struct {
		fails error
		sent  int
		error bool
	}{
		"refused": {errors.New("SES answered TooManyRequestsException"), 1, true}, "no usable answer": {email.ErrUnknown, 0, false}, "no address": {email.ErrRecipient, 0, false},
	} {
		w := newDigestWorld(t)
		w.collect(w.notice("ada", "1"))
		w.at = w.at.Add(24 * time.Hour)
		must(t, w.digest(dynamotest.Client(t)).Request(t.Context()))
		w.outbox.Err = fmt.Errorf("send: %w", c.fails)
		if err := w.mail(dynamotest.Client(t)).Send(t.Context(), w.requests.all[0]); (err != nil) != c.error {
			t.Errorf("%s: got %v", name, err)
		}
		w.outbox.Err = nil
		request := w.requests.all[0]
		if w.run(); len(w.requests.all) != 0 {
			t.Errorf("%s: the schedule requests it beside its message", name)
		}
		must(t, w.mail(dynamotest.Client(t)).Send(t.Context(), request))
		if sent := len(w.outbox.Sent()); sent != c.sent {
			t.Errorf("%s: sent %d", name, sent)
		}
	}
}

func TestRequest_ManyDigests_AreRequestedInBatches(t *testing.T) {
	w := newDigestWorld(t)
	deliveries := store.New[tables.Delivery](dynamotest.Client(t), w.table, tables.Deliveries)
	const users = maxPolled + 5
	var due []tables.Delivery
	for i := range users {
		due = append(due, tables.Delivery{UserID: fmt.Sprintf("user-%04d", i), ID: tables.DigestPrefix + "2026-07-14", Queue: tables.DigestsQueue, DueAt: w.at.UnixMilli()})
	}
	due = append(due, tables.Delivery{UserID: "later", ID: "digest-2026-07-15", Queue: tables.DigestsQueue, DueAt: w.at.UnixMilli() + 1})
	must(t, deliveries.WriteAll(t.Context(), due, nil))
	must(t, w.digest(dynamotest.Client(t)).Request(t.Context()))
	seen := map[string]bool{}
	for _, request := range w.requests.all {
		seen[request.UserID] = true
	}
	if len(seen) != users || len(w.requests.all) != users || seen["later"] {
		t.Errorf("requested %d of %d users in %d messages", len(seen), users, len(w.requests.all))
	}
}

// The notices of a digest are not among the notifications that a day has.
func TestDeliver_WithADigest_IsPushedAsOften(t *testing.T) {
	w := newPushWorld(t)
	w.bind("ada", 1)
	alerts := tables.DefaultAlertPreferences()
	alerts.MaxPerDay = 1
	w.prefer("ada", tables.DefaultNotificationPreferences(), alerts)
	for _, id := range []string{tables.DigestPrefix + "2026-07-15", tables.NoticedPrefix + "1"} {
		must(t, w.deliveries.Put(t.Context(), tables.Delivery{UserID: "ada", ID: id}))
	}
	must(t, w.Deliver(t.Context(), w.notice("n", "insight")))
	if taken := w.expo.Taken(); len(taken) != 1 {
		t.Errorf("pushed %d", len(taken))
	}
}
