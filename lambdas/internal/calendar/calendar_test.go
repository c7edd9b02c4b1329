package calendar_test

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
)

func TestDayOf_Moment_IsDayInLondon(t *testing.T) {
	for text, want := range map[string]struct {
		day     dates.Day
		month   string
		instant dates.Instant
	}{
		"2026-06-30T23:00:00.000Z":  {"2026-07-01", "2026-07", "2026-07-01T00:00:00.000Z"}, // picked in the app in summer
		"2026-07-01T00:00:00Z":      {"2026-07-01", "2026-07", "2026-07-01T00:00:00.000Z"}, // from a file
		"2026-06-30T22:59:59Z":      {"2026-06-30", "2026-06", "2026-06-30T22:59:59.000Z"},
		"2026-12-31T23:59:59.999Z":  {"2026-12-31", "2026-12", "2026-12-31T23:59:59.999Z"},
		"2026-12-31T23:00:00-05:00": {"2027-01-01", "2027-01", "2027-01-01T04:00:00.000Z"},
		"2026-10-24T23:00:00Z":      {"2026-10-25", "2026-10", "2026-10-25T00:00:00.000Z"}, // the clocks go back that night
		"2026-10-25T23:00:00Z":      {"2026-10-25", "2026-10", "2026-10-25T23:00:00.000Z"},
		"2026-03-29T00:00:00Z":      {"2026-03-29", "2026-03", "2026-03-29T00:00:00.000Z"},
	} {
		at, err := dates.ParseInstant(text)
		if err != nil {
			t.Fatal(err)
		}
		if day := calendar.DayOf(at); day != want.day || calendar.MonthOf(at) != want.month {
			t.Errorf("%s is %s in %s", text, day, calendar.MonthOf(at))
		}
		if got := calendar.Instant(want.day, at); got != want.instant {
			t.Errorf("%s is written as %s", text, got)
		}
		again, err := time.Parse(time.RFC3339, string(want.instant))
		if err != nil || calendar.DayOf(again) != want.day {
			t.Errorf("%s, which was served, comes back as %s, %v", want.instant, calendar.DayOf(again), err)
		}
	}
}
