package dates

import "time"

// Instant is a moment as responses write it: ISO 8601 in UTC, ending in Z.
type Instant string

// Day is a day of the calendar as responses write it: YYYY-MM-DD.
type Day string

// MonthLayout is the layout of a month, YYYY-MM (package time).
const MonthLayout = "2006-01"

// millisecondLayout is ISO 8601 as JavaScript's Date.toISOString writes it.
const millisecondLayout = "2006-01-02T15:04:05.000Z07:00"

// Seconds returns a time in epoch milliseconds, cut to its second, as in
// 2026-01-31T12:00:00Z.
func Seconds(epochMilliseconds int64) Instant {
	return Instant(time.UnixMilli(epochMilliseconds).UTC().Format(time.RFC3339))
}

// Milliseconds returns a time in epoch milliseconds, all of them kept, as in
// 2026-01-31T12:00:00.250Z.
func Milliseconds(epochMilliseconds int64) Instant {
	return Instant(time.UnixMilli(epochMilliseconds).UTC().Format(millisecondLayout))
}

// DayOf returns the day of a moment in the moment's own time zone.
func DayOf(at time.Time) Day { return Day(at.Format(time.DateOnly)) }

// ParseInstant reads a moment of a request: RFC 3339, with a time zone, with or without
// a fraction of a second. It returns an error for every other text.
func ParseInstant(text string) (time.Time, error) { return time.Parse(time.RFC3339, text) }

// ParseDay reads a day of a request, YYYY-MM-DD, as its midnight in UTC. It returns an
// error for every other text and for a day that no calendar has.
func ParseDay(text string) (time.Time, error) { return time.Parse(time.DateOnly, text) }

// IsInstant reports whether ParseInstant reads the text.
func IsInstant(text string) bool { return parses(time.RFC3339, text) }

// IsDay reports whether ParseDay reads the text.
func IsDay(text string) bool { return parses(time.DateOnly, text) }

// IsMonth reports whether the text is a month of the calendar, YYYY-MM.
func IsMonth(text string) bool { return parses(MonthLayout, text) }

// AddMonths returns the month that is so many months after another, YYYY-MM, or before it
// for a negative number. It returns "" for a text that is no month.
func AddMonths(month string, count int) string {
	at, err := time.Parse(MonthLayout, month)
	if err != nil {
		return ""
	}
	return at.AddDate(0, count, 0).Format(MonthLayout)
}

// DaysLeft returns how many days are left from now until a time in epoch milliseconds. A
// part of a day counts as a day. It returns 0 after that time.
func DaysLeft(until int64, now time.Time) int64 {
	const day = 24 * 60 * 60 * 1000
	return max(0, (until-now.UnixMilli()+day-1)/day)
}

func parses(layout, text string) bool {
	_, err := time.Parse(layout, text)
	return err == nil
}
