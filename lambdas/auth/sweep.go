package auth

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Sweep frees usernames and addresses that nobody uses: those of registrations that
// died between Cognito and our tables, and those of accounts that nobody confirmed.
var Sweep = function.Define(function.Spec[*sweep]{
	Name:    "auth-sweep",
	Purpose: "Deletes the users of Cognito who never confirmed and have no account, and has old accounts deleted that nobody confirmed.",
	New: func(env *function.Environment) (*sweep, error) {
		return &sweep{
			pool:     &userPool{client: cognitoidentityprovider.NewFromConfig(env.AWS), poolID: env.UserPool()},
			accounts: accounts.OpenExistence(env),
			queue:    accounts.OpenDeletions(env),
			now:      time.Now,
		}, nil
	},
	Events: []function.EventOf[*sweep]{function.Every(time.Hour, (*sweep).Run)},
	Rights: function.Rights{
		Tables:   []tables.Grant{tables.Users.Allow(tables.GetItem), tables.AccountDeletions.Allow(tables.PutItem)},
		UserPool: []function.UserPoolOperation{function.ListUsers, function.AdminDeleteUser},
	},
	Timeout: 5 * time.Minute, // one user takes milliseconds, or a tenth of a second when deleted
})

type sweep struct {
	pool interface {
		// Unconfirmed returns a page of users and where the next one begins, "" at the end.
		Unconfirmed(ctx context.Context, page string) (users []unconfirmedUser, next string, err error)
		DeleteUser(ctx context.Context, userID string) error
	}
	accounts interface {
		Since(ctx context.Context, userID string) (since time.Time, exists bool, err error)
	}
	queue interface {
		Start(ctx context.Context, deletion tables.AccountDeletion) error
	}
	now func() time.Time
}

const (
	// unfinished is how long after the sign-up a registration may still write its
	// account: the API waits 30 s for one, and clocks differ.
	unfinished = time.Minute

	// expiry is how long an account waits for its address to be confirmed. A code
	// lives for a day and can be sent again, so whoever registers on one weekend
	// still has the next; and no longer than that somebody else's address is held,
	// or what was typed is kept of somebody who may not have typed it.
	expiry = 7 * 24 * time.Hour

	// mostExpired is how many accounts a run has deleted: fewer than the runs of the
	// deletions get through in the hour, so that those asked for need not wait.
	mostExpired = 100

	// lastUser is how long before its end a run takes no other user.
	lastUser = 10 * time.Second

	// tooManyFailures end a run: so many are no fault of single users.
	tooManyFailures = 20
)

var (
	errNoTime  = errors.New("there are more unconfirmed users than a run gets through: the next one goes on with those that are left")
	errFailing = errors.New("too many failures: the next run tries again")
)

// Run looks at every unconfirmed user. Users of the sign-in with Apple and Google
// are none: an attempt that died can be taken up at any time.
func (s *sweep) Run(ctx context.Context) error {
	var problems []error
	done := map[outcome]int{}
	for user, err := range s.users(ctx) {
		if err == nil {
			err = s.stop(ctx, len(problems))
		}
		if err != nil {
			problems = append(problems, err)
			break
		}
		what, err := s.look(ctx, user, done[expired] < mostExpired)
		if err != nil {
			problems = append(problems, fmt.Errorf("sweep a user: %w", err))
			continue
		}
		done[what]++
	}
	if done[deleted]+done[expired] > 0 {
		telemetry.FromContext(ctx).InfoContext(ctx, "users who never confirmed are swept", "without account", done[deleted], "expired", done[expired])
	}
	return errors.Join(problems...)
}

// outcome is what becomes of a user.
type outcome int

const (
	kept outcome = iota
	deleted
	expired // their account's deletion is entered
)

// users are those of all pages. A page that cannot be had is the last.
func (s *sweep) users(ctx context.Context) iter.Seq2[unconfirmedUser, error] {
	return func(yield func(unconfirmedUser, error) bool) {
		for page := ""; ; {
			users, next, err := s.pool.Unconfirmed(ctx, page)
			if err != nil {
				yield(unconfirmedUser{}, err)
				return
			}
			for _, user := range users {
				if !yield(user, nil) {
					return
				}
			}
			if page = next; page == "" {
				return
			}
		}
	}
}

// stop returns why the run is to take no other user, or nil.
func (s *sweep) stop(ctx context.Context, failures int) error {
	if endsWithin(ctx, s.now(), lastUser) {
		return errNoTime
	}
	if failures >= tooManyFailures {
		return errFailing
	}
	return nil
}

// endsWithin tells whether the time of the run is up before this has passed.
func endsWithin(ctx context.Context, now time.Time, left time.Duration) bool {
	end, ok := ctx.Deadline()
	return ok && end.Sub(now) < left
}

// look deletes the user if there is no account and can be none any more. An account
// that is too old it has deleted, if it may, by the schedule of all deletions, which
// looks again whether it is confirmed.
func (s *sweep) look(ctx context.Context, user unconfirmedUser, mayExpire bool) (outcome, error) {
	now := s.now()
	if now.Sub(user.createdAt) < unfinished {
		return kept, nil
	}
	since, exists, err := s.accounts.Since(ctx, user.userID)
	switch {
	case err != nil:
		return kept, err
	case !exists:
		return deleted, s.pool.DeleteUser(ctx, user.userID)
	case mayExpire && now.Sub(since) >= expiry:
		return expired, s.queue.Start(ctx, tables.AccountDeletion{UserID: user.userID, StartedAt: now.UnixMilli(), IfUnconfirmed: true})
	}
	return kept, nil
}
