package briefs

import (
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
	Queue:   Requests,
}
