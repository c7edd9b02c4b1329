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

// CleanupUnconfirmed frees unused usernames and addresses. They belong to registrations
// that died between Cognito and our tables, and to accounts that were not confirmed.
var CleanupUnconfirmed = function.Define(function.Spec[*cleanupUnconfirmed]{
	Name:     "auth-cleanup-unconfirmed",
	Purpose:  "Deletes unconfirmed users of Cognito without an account, and enters unconfirmed accounts for deletion after a week.",
	MemoryMB: waitingMB,
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
		// ListUnconfirmed returns a page of users and the token of the next page, "" at
		// the end.
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
		// Page returns the page that the run starts with, "" for the first.
		Page(ctx context.Context) (string, error)
		Save(ctx context.Context, page string) error
	}
	now func() time.Time
}

const (
	// cleanupInterval is the time between runs.
	cleanupInterval = 15 * time.Minute

	// registrationGracePeriod is the time after a sign-up in which the registration may
	// still write its account. The API waits 30 s for a request, and clocks differ.
	registrationGracePeriod = time.Minute

	// unconfirmedTTL is how long an account may stay unconfirmed. A code is valid for a
	// day and can be sent again, so a user who registers on one weekend still has the
	// next. After that, the address and the entered data, which may belong to another
	// person, are released.
	unconfirmedTTL = 7 * 24 * time.Hour

	// maxExpiriesPerRun is how many accounts a run records for deletion; it completes
	// the last page. The number keeps pace with the registrations that the stage's
	// budget allows. It stays below the capacity of the runs of deletions, so that
	// requested deletions do not wait
	// (TestCleanupUnconfirmed_KeepsPaceWithRegistrations).
	maxExpiriesPerRun = 50

	// cleanupDeadlineMargin is the time before the deadline of a run at which it looks
	// at no further user.
	cleanupDeadlineMargin = 10 * time.Second

	// maxFailures ends a run: that many failures are not caused by single users.
	maxFailures = 20
)

var errTooManyFailures = errors.New("too many failures: the next run continues after them")

// Run looks at unconfirmed users page by page. It starts where the last run stopped,
// and ends with the list or after its share. Users of the sign-in with Apple and Google
// are not in the list, because an interrupted sign-in can continue at any time.
func (s *cleanupUnconfirmed) Run(ctx context.Context) error {
	r := cleanupRun{cleanupUnconfirmed: s}
	next, err := s.progress.Page(ctx)
	r.addProblem(err)
	next = r.cleanUpPages(ctx, next)
	r.addProblem(s.progress.Save(ctx, next))
	if r.done[deleted]+r.done[expired] > 0 {
		telemetry.FromContext(ctx).InfoContext(ctx, "unconfirmed users are cleaned up",
			"withoutAccount", r.done[deleted], "expired", r.done[expired], "more", next != "")
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

// outcome is the result for a user.
type outcome int

const (
	kept outcome = iota
	deleted
	expired // the deletion of the account is recorded
)

// cleanUpPages looks at users page by page, and returns the page that the next run
// starts with. It starts with the first page if Cognito refuses the saved one. The next
// run tries any other failing page once more, and then starts anew.
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

// shouldStop reports whether the run looks at no further user, because its time ends or
// too much fails. The rest of the page waits until the list starts anew, so that users
// who always fail do not delay others.
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

// cleanUpUser deletes a user without an account, once no registration can write one. It
// records the deletion of an account that is too old. The schedule of deletions then
// checks whether that account is confirmed.
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
