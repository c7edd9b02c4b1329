package importidentity

import (
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
)

// minMidnights is how many rows show that the dates of a file are midnights of another
// zone, and no times of payments.
const minMidnights = 3

// Days returns the calendar days of the rows of a file in a time zone.
//
// The app sends a date of a file as midnight in the zone of the device. East of the
// user's zone, that is an evening hour of the day before: 1 July in Madrid begins on 30
// June at 23:00 in London. When all rows are at full hours of the afternoon or later,
// they are such midnights, and their day is the next.
func Days(moments []time.Time, zone *time.Location) []dates.Day {
	abroad := len(moments) >= minMidnights
	for _, at := range moments {
		at = at.In(zone)
		abroad = abroad && at.Hour() >= 12 && at.Equal(at.Truncate(time.Hour))
	}
	days := make([]dates.Day, len(moments))
	for i, at := range moments {
		at = at.In(zone)
		if abroad {
			at = at.AddDate(0, 0, 1)
		}
		days[i] = dates.DayOf(at)
	}
	return days
}
