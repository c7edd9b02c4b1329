// Package calendar says which day of the calendar a moment is for users: the day in
// London.
//
// The app sends the day that a user picks as midnight of the device's time zone in UTC,
// and days of a file as midnight in UTC. 2026-06-30T23:00:00Z and 2026-07-01T00:00:00Z
// are both 1 July in London.
//
// The time zone is part of the binary, because the Lambda runtime has no zone files.
package calendar
