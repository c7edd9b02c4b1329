package auth

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
)

const day = 24 * time.Hour

// What one user takes a run on AWS, rounded up: a read of DynamoDB and a share of a page
// of 60; an AdminDeleteUser; the steps of a deletion; its second pass.
const (
	lookDuration   = 10 * time.Millisecond
	orphanDuration = 150 * time.Millisecond
	eraseDuration  = 500 * time.Millisecond
	finishDuration = 200 * time.Millisecond
)

// Cognito's largest page of ListUsers.
const pageSize = 60

// TestCleanupUnconfirmed_KeepsPaceWithRegistrations holds the schedules to the budgets of every
// stage. The first day can spend a budget twice, each later one once; what is registered
// on one day expires on one day, a week later.
func TestCleanupUnconfirmed_KeepsPaceWithRegistrations(t *testing.T) {
	cleanups, deletions := runsPerDay(t, CleanupUnconfirmed.Events[0].Every), runsPerDay(t, DeleteAccount.Events[0].Every)
	cleanupTime, deletionTime := CleanupUnconfirmed.Timeout-cleanupDeadlineMargin, DeleteAccount.Timeout-deletionDeadlineMargin
	for _, stage := range config.Stages() {
		c, err := config.Load(stage)
		if err != nil {
			t.Fatal(err)
		}
		perDay := c.Budgets.Registrations.PerStage
		maxPerDay := 2 * perDay
		check := func(what string, needed, have int) {
			t.Helper()
			if needed > have {
				t.Errorf("%s: %s: %d needed, %d possible", stage, what, needed, have)
			}
		}
		check("accounts entered for deletion on a day", maxPerDay, cleanups*maxExpiriesPerRun)
		check("deletions taken up on a day, twice each", 2*cleanups*(maxExpiriesPerRun+pageSize-1), deletions*accounts.MaxPending)
		check("milliseconds a day of deletions", maxPerDay*int((eraseDuration+finishDuration)/time.Millisecond), deletions*int(deletionTime/time.Millisecond))
		// Those of a week, of the day on which they expire, and of the first day once more.
		unconfirmed := perDay * (int(unconfirmedTTL/day) + 2)
		looks := time.Duration(unconfirmed)*lookDuration + time.Duration(maxPerDay)*orphanDuration
		check("seconds of runs to look at every unconfirmed user within a day", int(looks/time.Second), cleanups*int(cleanupTime/time.Second))
	}
}

func runsPerDay(t *testing.T, every time.Duration) int {
	t.Helper()
	if every <= 0 {
		t.Fatal("the function has no schedule")
	}
	return int(day / every)
}
