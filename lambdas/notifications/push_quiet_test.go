package notifications

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
)

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
	w.deliverFails(w.notice("goal-1", "insight"), w.notice("sign-in", "security"))
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
	w.deliverFails(notices...)
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
