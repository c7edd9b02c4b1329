package notifications

import (
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	// digestHour is the hour of the clock at which digests are due: when quiet hours end,
	// unless the user chose others.
	digestHour = 8
	// digestDay is the day of weekly digests.
	digestDay = time.Monday
)

// nextDigest returns when the first digest after a moment is due, by the clock of a place.
func nextDigest(after time.Time, frequency tables.DigestFrequency, place *time.Location) time.Time {
	local := after.In(place)
	for day := 0; ; day++ {
		due := time.Date(local.Year(), local.Month(), local.Day()+day, digestHour, 0, 0, 0, place)
		if due.After(after) && (frequency == tables.DailyDigest || due.Weekday() == digestDay) {
			return due
		}
	}
}
