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
var CleanupUnconfirmed = function.Define(function.Spec[*sweep]{
	Name:    "auth-sweep",
	Purpose: "Deletes the users of Cognito who never confirmed and have no account, and has old accounts deleted that nobody confirmed.",
	New: func(resources *function.Resources) (*sweep, error) {
		return &sweep{
			pool:     userpool.OpenAdmin(resources),
			accounts: accounts.OpenLookup(resources),
			queue:    accounts.OpenDeletions(resources),
			progress: openSweepProgress(resources),
			now:      time.Now,
		}, nil
	},
	Events: []function.EventOf[*sweep]{function.OnSchedule(sweepPeriod, (*sweep).Run)},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.GetItem), tables.AccountDeletions.Allow(tables.PutItem),
			tables.SweepProgress.Allow(tables.GetItem, tables.PutItem),
		},
		UserPool: []function.UserPoolOperation{function.ListUsers, function.AdminDeleteUser},
	},
	Timeout: 5 * time.Minute, // one user takes milliseconds, or a tenth of a second when deleted
})

type sweep struct {
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
	// sweepPeriod is the time between runs.
	sweepPeriod = 15 * time.Minute

	// unfinished is how long after the sign-up a registration may still write its
	// account: the API waits 30 s for one, and clocks differ.
	unfinished = time.Minute

	// expiry is how long an account waits for its address to be confirmed. A code
	// lives for a day and can be sent again, so whoever registers on one weekend
	// still has the next; and no longer than that somebody else's address is held,
	// or what was typed is kept of somebody who may not have typed it.
	expiry = 7 * 24 * time.Hour

	// maxExpiriesPerRun is how many accounts a run enters for deletion, and what is left
	// of the last page. It keeps pace with the registrations that the stage's budget
	// admits, and stays below what the runs of the deletions get through, so that
	// deletions that users ask for need not wait (TestCleanUp_KeepsPaceWithRegistrations).
	maxExpiriesPerRun = 50

	// userDeadlineMargin is how long before its end a run takes no other user.
	userDeadlineMargin = 10 * time.Second

	// tooManyFailures end a run: so many are no fault of single users.
	tooManyFailures = 20
)

var errFailing = errors.New("too many failures: the next run goes on behind them")

// Run looks at unconfirmed users page by page, from where the last run stopped, until
// the list ends or the run has done its share. Users of the sign-in with Apple and Google
// are none: an attempt that died can be taken up at any time.
func (s *sweep) Run(ctx context.Context) error {
	r := sweepRun{sweep: s}
	next, err := s.progress.Page(ctx)
	r.note(err)
	next = r.pages(ctx, next)
	r.note(s.progress.Save(ctx, next))
	if r.done[deleted]+r.done[expired] > 0 {
		telemetry.FromContext(ctx).InfoContext(ctx, "users who never confirmed are swept",
			"without account", r.done[deleted], "expired", r.done[expired], "more", next != "")
	}
	return errors.Join(r.problems...)
}

// sweepRun is one run.
type sweepRun struct {
	*sweep
	done     [3]int // by outcome
	problems []error
}

func (r *sweepRun) note(err error) {
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

// pages sweeps pages and returns the one that the next run begins with. It begins the
// list anew if Cognito does not take the first page. Every other page that cannot be had
// is tried again by the next run, and then given up.
func (r *sweepRun) pages(ctx context.Context, page string) (next string) {
	for first := true; ; first = false {
		users, following, err := r.pool.ListUnconfirmed(ctx, page)
		if first && errors.Is(err, userpool.ErrUnknownPage) {
			users, following, err = r.pool.ListUnconfirmed(ctx, "")
		}
		if err != nil {
			r.note(err)
			if first {
				return ""
			}
			return page
		}
		for _, user := range users {
			if r.stops(ctx) {
				break
			}
			r.one(ctx, user)
		}
		if following == "" || r.done[expired] >= maxExpiriesPerRun || r.stops(ctx) {
			if len(r.problems) >= tooManyFailures {
				r.note(errFailing)
			}
			return following
		}
		page = following
	}
}

// stops reports whether the run takes no other user: its time is up, or too much fails.
// What is left of the page is for the next time that the list begins, so that users who
// always fail keep no others waiting.
func (r *sweepRun) stops(ctx context.Context) bool {
	return endsWithin(ctx, r.now(), userDeadlineMargin) || len(r.problems) >= tooManyFailures
}

func (r *sweepRun) one(ctx context.Context, user userpool.UnconfirmedUser) {
	what, err := r.look(ctx, user)
	if err != nil {
		r.note(fmt.Errorf("sweep a user: %w", err))
		return
	}
	r.done[what]++
}

// endsWithin tells whether the time of the run is up before this has passed.
func endsWithin(ctx context.Context, now time.Time, left time.Duration) bool {
	end, ok := ctx.Deadline()
	return ok && end.Sub(now) < left
}

// look deletes the user if there is no account and can be none any more. An account
// that is too old it has deleted by the schedule of all deletions, which looks again
// whether it is confirmed.
func (s *sweep) look(ctx context.Context, user userpool.UnconfirmedUser) (outcome, error) {
	now := s.now()
	if now.Sub(user.CreatedAt) < unfinished {
		return kept, nil
	}
	since, exists, err := s.accounts.CreatedAt(ctx, user.UserID)
	switch {
	case err != nil:
		return kept, err
	case !exists:
		return deleted, s.pool.DeleteUser(ctx, user.UserID)
	case now.Sub(since) >= expiry:
		return expired, s.queue.Start(ctx, tables.AccountDeletion{UserID: user.UserID, StartedAt: now.UnixMilli(), IfUnconfirmed: true})
	}
	return kept, nil
}
