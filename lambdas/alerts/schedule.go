package alerts

import (
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/mornings"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Schedule has the bills of each user looked at in the morning.
var Schedule = mornings.Define(mornings.Visits{
	Name:    "alerts-schedule",
	Purpose: "Has the bills of users in each time zone looked at when their morning has come.",
	Table:   tables.Bills,
	Index:   tables.BillUsers,
	Queue:   BillVisits,
})

// BillVisits has a message for each user whose bills are to be looked at.
var BillVisits = function.NewQueue[mornings.Request](function.Queue{
	Name:      "alerts-bill-visits",
	Purpose:   "The bills of a user are to be looked at for alerts.",
	Attempts:  5,
	FirstWait: 10 * time.Second,
	MaxWait:   5 * time.Minute,
})
