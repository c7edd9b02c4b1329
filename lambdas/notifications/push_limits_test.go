package notifications

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
)

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
	w.deliverFails(w.notice("goal-1", "insight"), w.notice("goal-1", "insight"))
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
