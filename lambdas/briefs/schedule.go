package briefs

import (
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/mornings"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Schedule requests the briefs of users whose morning has come. On the first of a month a
// request is for the report on the month before, too.
var Schedule = mornings.Define(visits)

var visits = mornings.Visits{
	Name:    "briefs-schedule",
	Purpose: "Requests the daily briefs of users in each time zone whose morning has come.",
	Table:   tables.Briefs,
	Index:   tables.BriefReaders,
	Lists:   lists,
	Queue:   Requests,
}

// reportsOf is the list of the readers of reports in a zone.
func reportsOf(zone string) string { return zone + " reports" }

// lists are the readers of briefs on every day, and those of reports on the first of a
// month.
func lists(zone string, day dates.Day) []string {
	if strings.HasSuffix(string(day), "-01") {
		return []string{zone, reportsOf(zone)}
	}
	return []string{zone}
}
