package billtest

import "time"

// bankHolidays are the bank holidays of England and Wales.
// https://www.gov.uk/bank-holidays
var bankHolidays = map[string]bool{
	"2024-01-01": true, "2024-03-29": true, "2024-04-01": true, "2024-05-06": true, "2024-05-27": true, "2024-08-26": true,
	"2024-12-25": true, "2024-12-26": true,
	"2025-01-01": true, "2025-04-18": true, "2025-04-21": true, "2025-05-05": true, "2025-05-26": true, "2025-08-25": true,
	"2025-12-25": true, "2025-12-26": true,
	"2026-01-01": true, "2026-04-03": true, "2026-04-06": true, "2026-05-04": true, "2026-05-25": true, "2026-08-31": true,
	"2026-12-25": true, "2026-12-28": true,
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func isWorkingDay(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !bankHolidays[day.Format(time.DateOnly)]
}

// nextWorkingDay returns the day, or the first working day after it.
func nextWorkingDay(day time.Time) time.Time {
	for !isWorkingDay(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// lastWorkingDay returns the last working day of the day's month.
func lastWorkingDay(day time.Time) time.Time {
	last := date(day.Year(), day.Month()+1, 0)
	for !isWorkingDay(last) {
		last = last.AddDate(0, 0, -1)
	}
	return last
}

// dayOfMonth returns the day of this number in a month, the last one in a shorter month.
func dayOfMonth(year int, month time.Month, day int) time.Time {
	return date(year, month, min(day, date(year, month+1, 0).Day()))
}
