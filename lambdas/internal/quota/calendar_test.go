package quota_test

import (
	"errors"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/quota"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func in(t *testing.T, zone string) quota.User {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return quota.User{ID: "ada", Plan: tables.Free, Zone: location}
}

func TestUsage_Periods_FollowTheUsersCalendar(t *testing.T) {
	w := newWorld(t)
	for _, tc := range []struct {
		name, zone, at   string
		quota            *quota.Quota
		period, resetsAt string
	}{
		{"winter in London", "Europe/London", "2026-01-31T23:59:59.999Z", monthly, "2026-01", "2026-02-01T00:00:00Z"},
		{"the first instant", "Europe/London", "2026-02-01T00:00:00Z", monthly, "2026-02", "2026-03-01T00:00:00Z"},
		{"summer in London", "Europe/London", "2026-06-30T23:30:00Z", monthly, "2026-07", "2026-07-31T23:00:00Z"},
		{"a month in which summer begins", "Europe/London", "2026-03-01T00:00:00Z", monthly, "2026-03", "2026-03-31T23:00:00Z"},
		{"a month in which summer ends", "Europe/London", "2026-10-01T00:00:00Z", monthly, "2026-10", "2026-11-01T00:00:00Z"},
		{"the end of a year", "Europe/London", "2026-12-31T12:00:00Z", monthly, "2026-12", "2027-01-01T00:00:00Z"},
		{"a leap day", "Europe/London", "2028-02-28T12:00:00Z", daily, "2028-02-28", "2028-02-29T00:00:00Z"},
		{"the day of 23 hours", "Europe/London", "2026-03-29T00:30:00Z", daily, "2026-03-29", "2026-03-29T23:00:00Z"},
		{"the day of 25 hours", "Europe/London", "2026-10-24T23:00:00Z", daily, "2026-10-25", "2026-10-26T00:00:00Z"},
		{"the hour that comes twice", "Europe/London", "2026-10-25T01:30:00Z", daily, "2026-10-25", "2026-10-26T00:00:00Z"},
		{"a day that begins at 01:00", "Africa/Cairo", "2026-04-23T12:00:00Z", daily, "2026-04-23", "2026-04-23T22:00:00Z"},
		{"a day with two midnights", "America/Havana", "2026-10-31T12:00:00Z", daily, "2026-10-31", "2026-11-01T04:00:00Z"},
		{"west of London", "America/Los_Angeles", "2026-12-01T07:59:59Z", monthly, "2026-11", "2026-12-01T08:00:00Z"},
		{"east of London", "Pacific/Kiritimati", "2026-11-30T10:00:00Z", monthly, "2026-12", "2026-12-31T10:00:00Z"},
		{"a zone of quarter hours", "Asia/Kathmandu", "2026-11-28T18:14:59Z", daily, "2026-11-28", "2026-11-28T18:15:00Z"},
	} {
		got := usage(t, w.meter(tc.quota, tc.at), in(t, tc.zone))
		if got.Period != tc.period || !got.ResetsAt.Equal(moment(t, tc.resetsAt)) {
			t.Errorf("%s: got %s until %s", tc.name, got.Period, got.ResetsAt)
		}
	}
}

func TestUsage_UserWithoutAZone_IsInLondon(t *testing.T) {
	if got := usage(t, newWorld(t).meter(monthly, "2026-06-30T23:30:00Z"), free); got.Period != "2026-07" {
		t.Errorf("got %+v", got)
	}
}

func TestTake_NextPeriod_BeginsWithTheWholeLimit(t *testing.T) {
	w := newWorld(t)
	take(t, w.meter(daily, "2026-11-28T23:59:00Z"), free, "a", "b")
	next := w.meter(daily, "2026-11-29T00:00:00Z")
	uses(t, next, free, 0)
	take(t, next, free, "c", "d")
	if _, err := next.Take(t.Context(), free, "e"); !errors.Is(err, quota.ErrUsedUp) {
		t.Errorf("got %v", err)
	}
	uses(t, w.meter(daily, "2026-11-28T23:59:59Z"), free, 2)
}

// A queue repeats a message after midnight, and clocks of two environments differ.
func TestTake_RepeatedAcrossMidnight_CountsOnce(t *testing.T) {
	for name, tc := range map[string]struct{ first, second string }{
		"a late repetition":            {"2026-11-28T23:59:59Z", "2026-11-29T00:14:58Z"},
		"a clock that is a bit behind": {"2026-11-29T00:00:00.5Z", "2026-11-28T23:59:58Z"},
	} {
		w := newWorld(t)
		first, second := w.meter(daily, tc.first), w.meter(daily, tc.second)
		take(t, first, free, "a")
		take(t, second, free, "a")
		if one, two := usage(t, first, free).Used, usage(t, second, free).Used; one != 1 || two != 0 {
			t.Errorf("%s: used are %d and %d", name, one, two)
		}
		giveBack(t, second, free, "a")
		uses(t, first, free, 0)
		take(t, second, free, "a")
		uses(t, second, free, 1)
	}
}

func TestTake_SameSubjectLaterInTheNextPeriod_CountsAgain(t *testing.T) {
	w := newWorld(t)
	take(t, w.meter(daily, "2026-11-28T23:59:59Z"), free, "a")
	next := w.meter(daily, "2026-11-29T00:15:00Z")
	take(t, next, free, "a")
	uses(t, next, free, 1)
}

// A full quota of the day before is no obstacle to a new subject.
func TestTake_JustAfterMidnight_LooksAtTheSubjectAlone(t *testing.T) {
	w := newWorld(t)
	take(t, w.meter(daily, "2026-11-28T12:00:00Z"), free, "a", "b")
	next := w.meter(daily, "2026-11-29T00:00:01Z")
	take(t, next, free, "c")
	uses(t, next, free, 1)
}

func TestTake_UserMovesBetweenTimeZones_HasEachDayOnce(t *testing.T) {
	w := newWorld(t)
	m := w.meter(daily, "2026-11-28T12:00:00Z")
	london, auckland := in(t, "Europe/London"), in(t, "Pacific/Auckland")
	take(t, m, london, "a", "b")
	take(t, m, auckland, "c", "d") // the 29th there
	for range 3 {
		for _, user := range []quota.User{london, auckland} {
			if _, err := m.Take(t.Context(), user, "e"); !errors.Is(err, quota.ErrUsedUp) {
				t.Errorf("in %s: got %v", user.Zone, err)
			}
		}
	}
	later := w.meter(daily, "2026-11-29T12:00:00Z")
	if _, err := later.Take(t.Context(), london, "e"); !errors.Is(err, quota.ErrUsedUp) {
		t.Errorf("the 29th comes twice: %v", err)
	}
}
