package notifications

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The clocks in London go forward on 29 March 2026 and back on 25 October 2026, both a Sunday.
func TestNextDigest_ChangesOfTheClocks_IsDueAtEightByTheClock(t *testing.T) {
	for _, c := range []struct {
		after     string
		frequency tables.DigestFrequency
		want      string
	}{
		{"2026-03-28T07:59:59Z", tables.DailyDigest, "2026-03-28T08:00:00Z"},
		{"2026-03-28T08:00:00Z", tables.DailyDigest, "2026-03-29T07:00:00Z"},
		{"2026-03-29T06:59:59Z", tables.DailyDigest, "2026-03-29T07:00:00Z"},
		{"2026-03-29T07:00:00Z", tables.DailyDigest, "2026-03-30T07:00:00Z"},
		{"2026-10-24T07:00:00Z", tables.DailyDigest, "2026-10-25T08:00:00Z"},
		{"2026-10-25T07:30:00Z", tables.DailyDigest, "2026-10-25T08:00:00Z"},
		{"2026-10-25T08:00:00Z", tables.DailyDigest, "2026-10-26T08:00:00Z"},
		{"2026-03-23T08:00:00Z", tables.WeeklyDigest, "2026-03-30T07:00:00Z"},
		{"2026-03-30T06:59:59Z", tables.WeeklyDigest, "2026-03-30T07:00:00Z"},
		{"2026-10-19T07:00:00Z", tables.WeeklyDigest, "2026-10-26T08:00:00Z"},
		{"2026-12-31T23:00:00Z", tables.WeeklyDigest, "2027-01-04T08:00:00Z"},
		{"2026-07-14T23:30:00Z", tables.DailyDigest, "2026-07-15T07:00:00Z"}, // past midnight in London
	} {
		after, err := time.Parse(time.RFC3339, c.after)
		must(t, err)
		if got := nextDigest(after, c.frequency, calendar.Location()).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s after %s: got %s, not %s", c.frequency, c.after, got, c.want)
		}
	}
	place, err := time.LoadLocation("America/St_Johns")
	must(t, err)
	if got := nextDigest(time.Date(2026, 7, 14, 10, 30, 0, 0, time.UTC), tables.DailyDigest, place); got.UTC().Hour() != 10 || got.UTC().Day() != 15 {
		t.Errorf("elsewhere: got %s", got)
	}
}
