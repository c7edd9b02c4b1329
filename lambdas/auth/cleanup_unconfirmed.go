package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// CleanupUnconfirmed frees usernames and addresses that nobody uses: those of registrations that
// died between Cognito and our tables, and those of accounts that nobody confirmed.
var CleanupUnconfirmed = function.Define(function.Spec[*cleanupUnconfirmed]{
	Name:    "auth-cleanup-unconfirmed",
	Purpose: "Deletes the users of Cognito who never confirmed and have no account, and has old accounts deleted that nobody confirmed.",
	New: func(resources *function.Resources) (*cleanupUnconfirmed, error) {
		return &cleanupUnconfirmed{
			pool:     userpool.OpenAdmin(resources),
			accounts: accounts.OpenLookup(resources),
			queue:    accounts.OpenDeletions(resources),
			progress: openCleanupProgress(resources),
			now:      time.Now,
		}, nil
	},
	Events: []function.EventOf[*cleanupUnconfirmed]{function.OnSchedule(cleanupInterval, (*cleanupUnconfirmed).Run)},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.GetItem), tables.AccountDeletions.Allow(tables.PutItem),
			tables.CleanupProgress.Allow(tables.GetItem, tables.PutItem),
		},
		UserPool: []function.UserPoolOperation{function.ListUsers, function.AdminDeleteUser},
	},
	Timeout: 5 * time.Minute, // one user takes milliseconds, or a tenth of a second when deleted
})

type cleanupUnconfirmed struct {
	pool interface {
		// ListUnconfirmed returns a page of users and where the next one begins, "" at the end.
		ListUnconfirmed(ctx context.Context, page string) (users []userpool.UnconfirmedUser, next string, err error)
		DeleteUser(ctx context.Context, userID string) error
	}
	accounts interface {
		CreatedAt(ctx context.Context, userID string) (since time.Time, exists bool, err error)
	}
	queue interface {
		Start(ctx context.Context, deletion tables.AccountDeletion) error
	}
	progress interface {
		// Page returns the page that the run begins with, "" for the first.
		Page(ctx context.Context) (string, error)
		Save(ctx context.Context, page string) error
	}
	now func() time.Time
}

const (
	// cleanupInterval is the time between runs.
	cleanupInterval = 15 * time.Minute

	// registrationGracePeriod is how long after the sign-up a registration may still write its
	// account: the API waits 30 s for one, and clocks differ.
	registrationGracePeriod = time.Minute

	// unconfirmedTTL is how long an account waits for its address to be confirmed. A code
	// lives for a day and can be sent again, so whoever registers on one weekend
	// still has the next; and no longer than that somebody else's address is held,
	// or what was typed is kept of somebody who may not have typed it.
	unconfirmedTTL = 7 * 24 * time.Hour

	// maxExpiriesPerRun is how many accounts a run enters for deletion, and what is left
	// of the last page. It keeps pace with the registrations that the stage's budget
	// admits, and stays below what the runs of the deletions get through, so that
	// deletions that users ask for need not wait (TestCleanupUnconfirmed_KeepsPaceWithRegistrations).
	maxExpiriesPerRun = 50

	// cleanupDeadlineMargin is how long before its end a run takes no other user.
	cleanupDeadlineMargin = 10 * time.Second

	// maxFailures end a run: so many are no fault of single users.
	maxFailures = 20
)

var errTooManyFailures = errors.New("too many failures: the next run goes on behind them")

// Run looks at unconfirmed users page by page, from where the last run stopped, until
// the list ends or the run has done its share. Users of the sign-in with Apple and Google
// are none: an attempt that died can be taken up at any time.
func (s *cleanupUnconfirmed) Run(ctx context.Context) error {
	r := cleanupRun{cleanupUnconfirmed: s}
	next, err := s.progress.Page(ctx)
	r.addProblem(err)
	next = r.cleanUpPages(ctx, next)
	r.addProblem(s.progress.Save(ctx, next))
	if r.done[deleted]+r.done[expired] > 0 {
		telemetry.FromContext(ctx).InfoContext(ctx, "users who never confirmed are swept",
			"without account", r.done[deleted], "expired", r.done[expired], "more", next != "")
	}
	return errors.Join(r.problems...)
}

// cleanupRun is one run.
type cleanupRun struct {
	*cleanupUnconfirmed
	done     [3]int // by outcome
	problems []error
}

func (r *cleanupRun) addProblem(err error) {
	if err != nil {
		r.problems = append(r.problems, err)
	}
}

// outcome is what becomes of a user.
type outcome int

const (
	kept outcome = iota
	deleted
	expired // their account's deletion is entered
)

// cleanUpPages looks at users page by page, and returns the one that the next run begins with. It begins the
// list anew if Cognito does not take the first page. Every other page that cannot be had
// is tried again by the next run, and then given up.
func (r *cleanupRun) cleanUpPages(ctx context.Context, page string) (next string) {
	for first := true; ; first = false {
		users, following, err := r.pool.ListUnconfirmed(ctx, page)
		if first && errors.Is(err, userpool.ErrUnknownPage) {
			users, following, err = r.pool.ListUnconfirmed(ctx, "")
		}
		if err != nil {
			r.addProblem(err)
			if first {
				return ""
			}
			return page
		}
		for _, user := range users {
			if r.shouldStop(ctx) {
				break
			}
			r.tryUser(ctx, user)
		}
		if following == "" || r.done[expired] >= maxExpiriesPerRun || r.shouldStop(ctx) {
			if len(r.problems) >= maxFailures {
				r.addProblem(errTooManyFailures)
			}
			return following
		}
		page = following
	}
}

// shouldStop reports whether the run takes no other user: its time is up, or too much fails.
// What is left of the page is for the next time that the list begins, so that users who
// always fail keep no others waiting.
func (r *cleanupRun) shouldStop(ctx context.Context) bool {
	return endsWithin(ctx, r.now(), cleanupDeadlineMargin) || len(r.problems) >= maxFailures
}

func (r *cleanupRun) tryUser(ctx context.Context, user userpool.UnconfirmedUser) {
	what, err := r.cleanUpUser(ctx, user)
	if err != nil {
		r.addProblem(fmt.Errorf("clean up a user: %w", err))
		return
	}
	r.done[what]++
}

// cleanUpUser deletes the user if there is no account and can be none any more. An account
// that is too old it has deleted by the schedule of all deletions, which looks again
// whether it is confirmed.
func (s *cleanupUnconfirmed) cleanUpUser(ctx context.Context, user userpool.UnconfirmedUser) (outcome, error) {
	now := s.now()
	if now.Sub(user.CreatedAt) < registrationGracePeriod {
		return kept, nil
	}
	since, exists, err := s.accounts.CreatedAt(ctx, user.UserID)
	switch {
	case err != nil:
		return kept, err
	case !exists:
		return deleted, s.pool.DeleteUser(ctx, user.UserID)
	case now.Sub(since) >= unconfirmedTTL:
		return expired, s.queue.Start(ctx, tables.AccountDeletion{UserID: user.UserID, StartedAt: now.UnixMilli(), IfUnconfirmed: true})
	}
	return kept, nil
}
