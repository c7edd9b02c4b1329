package briefs

import (
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/mornings"
)

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "briefs",
	Stack:     function.StackAI,
	Functions: []*function.Function{Make, Schedule},
}

var (
	errNoBrief  = apierror.New(http.StatusNotFound, "BRIEF_NOT_FOUND", "There is no such brief.")
	errNotOver  = apierror.New(http.StatusNotFound, "REPORT_NOT_FOUND", "This month is not over yet.")
	errBadMonth = apierror.New(http.StatusUnprocessableEntity, "INVALID_MONTH", "The month is not valid.")
)

// Requests has a message for each user whose brief is to be made.
var Requests = function.NewQueue[mornings.Request](function.Queue{
	Name:      "brief-requests",
	Purpose:   "The daily brief of a user is to be made.",
	Attempts:  5,
	FirstWait: 10 * time.Second,
	MaxWait:   5 * time.Minute,
})

const (
	// briefRetention is how long a daily brief is kept, and readerRetention how long briefs
	// are made ahead for a user who does not ask for one that is missing.
	briefRetention, readerRetention = 30 * 24 * time.Hour, 30 * 24 * time.Hour
	// reportReaderRetention is how long reports are made ahead for a user who reads none: the
	// next two.
	reportReaderRetention = 62 * 24 * time.Hour
	// reportRetention is how long a monthly report is kept. An older one is made again.
	reportRetention = 400 * 24 * time.Hour
)
