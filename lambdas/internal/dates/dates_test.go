package dates_test

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
)

const halfPast = 1_700_000_000_250 // 2023-11-14T22:13:20.250Z

func TestInstants_AreInUTC(t *testing.T) {
	if got := dates.Seconds(halfPast); got != "2023-11-14T22:13:20Z" {
		t.Errorf("seconds: got %s", got)
	}
	if got := dates.Milliseconds(halfPast); got != "2023-11-14T22:13:20.250Z" {
		t.Errorf("milliseconds: got %s", got)
	}
	if got := dates.Milliseconds(1_700_000_000_000); got != "2023-11-14T22:13:20.000Z" {
		t.Errorf("a whole second: got %s", got)
	}
}

func TestDayOf_Moment_HasDayOfItsZone(t *testing.T) {
	at := time.UnixMilli(halfPast)
	if got := dates.DayOf(at.UTC()); got != "2023-11-14" {
		t.Errorf("UTC: got %s", got)
	}
	if got := dates.DayOf(at.In(time.FixedZone("", 2*60*60))); got != "2023-11-15" {
		t.Errorf("two hours ahead: got %s", got)
	}
}

func TestRules_TextOfAnotherForm_IsRefused(t *testing.T) {
	for text, want := range map[string]struct{ instant, day, month bool }{
		"2026-01-31T12:00:00Z":           {instant: true},
		"2026-01-31T12:00:00.000Z":       {instant: true},
		"2026-01-31T12:00:00+01:00":      {instant: true},
		"2026-01-31T12:00:00":            {}, // no time zone
		"2026-02-31T12:00:00Z":           {},
		"2026-01-31":                     {day: true},
		"2026-02-31":                     {},
		"31/01/2026":                     {},
		"2026-1-31":                      {},
		"2026-01":                        {month: true},
		"2026-13":                        {},
		"":                               {},
		"2026-01-31T12:00:00Z and after": {},
	} {
		if got := dates.IsInstant(text); got != want.instant {
			t.Errorf("%q is an instant: %v", text, got)
		}
		if got := dates.IsDay(text); got != want.day {
			t.Errorf("%q is a day: %v", text, got)
		}
		if got := dates.IsMonth(text); got != want.month {
			t.Errorf("%q is a month: %v", text, got)
		}
		if _, err := dates.ParseInstant(text); (err == nil) != want.instant {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := dates.ParseDay(text); (err == nil) != want.day {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAddMonths_Months_AreThoseOfTheCalendar(t *testing.T) {
	for _, tc := range []struct {
		month string
		count int
		want  string
	}{
		{"2026-01", 0, "2026-01"}, {"2026-01", -1, "2025-12"}, {"2026-12", 1, "2027-01"}, {"2026-03", -13, "2025-02"}, {"2026-13", 1, ""}, {"", 1, ""}, {"2026-01-01", 1, ""},
	} {
		if got := dates.AddMonths(tc.month, tc.count); got != tc.want {
			t.Errorf("%d months after %q is %q, not %q", tc.count, tc.month, got, tc.want)
		}
	}
}

func TestDaysLeft_PartOfADay_CountsAsADay(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		until time.Time
		want  int64
	}{
		{now.Add(200 * 24 * time.Hour), 200}, {now.Add(199*24*time.Hour + 12*time.Hour), 200}, {now.Add(24*time.Hour + time.Millisecond), 2},
		{now.Add(24 * time.Hour), 1}, {now.Add(time.Millisecond), 1}, {now, 0}, {now.Add(-time.Hour), 0}, {now.Add(-48 * time.Hour), 0},
		{time.Date(9999, 12, 31, 12, 0, 0, 0, time.UTC), 2912119},
	} {
		if got := dates.DaysLeft(tc.until.UnixMilli(), now); got != tc.want {
			t.Errorf("%d days are left until %s, not %d", got, tc.until, tc.want)
		}
	}
}
