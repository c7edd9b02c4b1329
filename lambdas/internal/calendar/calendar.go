package calendar

import (
	"sync"
	"time"
	_ "time/tzdata" // the runtime has no zone files

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
)

// Zone is the time zone of the users: the app is for bank accounts in the United Kingdom.
const Zone = "Europe/London"

var location = sync.OnceValue(func() *time.Location {
	found, err := time.LoadLocation(Zone)
	if err != nil {
		panic(err) // the zone is part of the binary
	}
	return found
})

// Location returns the time zone of the users.
func Location() *time.Location { return location() }

// DayOf returns the day of a moment for users.
func DayOf(at time.Time) dates.Day { return dates.DayOf(at.In(location())) }

// MonthOf returns the month of a moment for users, YYYY-MM.
func MonthOf(at time.Time) string { return at.In(location()).Format(dates.MonthLayout) }

// Instant returns a moment as responses write it, beginning with the day: the moment
// itself, or midnight in UTC of the day where the moment's own date in UTC is another.
func Instant(day dates.Day, at time.Time) dates.Instant {
	if dates.DayOf(at.UTC()) == day {
		return dates.Milliseconds(at.UnixMilli())
	}
	return dates.Instant(day + "T00:00:00.000Z")
}
