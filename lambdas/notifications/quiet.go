package notifications

import (
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// quietUntil returns the end of the quiet hours in which a moment is, or the moment itself.
// Quiet hours are times of the clock in London, and may go past midnight.
//
// Where the clocks go forward, a time within the missing hour is the same time an hour
// later. Where they go back, quiet hours that end within the hour that comes twice end when
// it comes for the second time.
func quietUntil(at time.Time, preferences tables.AlertPreferences) time.Time {
	from, fromErr := time.Parse("15:04", preferences.QuietFrom)
	to, toErr := time.Parse("15:04", preferences.QuietTo)
	if fromErr != nil || toErr != nil || from.Equal(to) {
		return at
	}
	local := at.In(calendar.Location())
	for _, day := range []int{-1, 0} { // quiet hours that began yesterday, or today
		begin := time.Date(local.Year(), local.Month(), local.Day()+day, from.Hour(), from.Minute(), 0, 0, calendar.Location())
		endDay := local.Day() + day
		if to.Before(from) {
			endDay++
		}
		end := time.Date(local.Year(), local.Month(), endDay, to.Hour(), to.Minute(), 0, 0, calendar.Location())
		if !at.Before(begin) && at.Before(end) {
			return end
		}
	}
	return at
}
