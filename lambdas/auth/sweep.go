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

// Sweep frees usernames that nobody can use: those of registrations that died
// between Cognito and our tables.
var Sweep = function.Define(function.Spec[*sweep]{
	Name:    "auth-sweep",
	Purpose: "Deletes the users of Cognito who never confirmed and have no account.",
	New: func(env *function.Environment) (*sweep, error) {
		return &sweep{
			pool:     &userPool{client: cognitoidentityprovider.NewFromConfig(env.AWS), poolID: env.UserPool()},
			accounts: accounts.OpenExistence(env),
			now:      time.Now,
		}, nil
	},
	Events: []function.EventOf[*sweep]{function.Every(time.Hour, (*sweep).Run)},
	Rights: function.Rights{
		Tables:   []tables.Grant{tables.Users.Allow(tables.GetItem)},
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
		Exists(ctx context.Context, userID string) (bool, error)
	}
	now func() time.Time
}

const (
	// unfinished is how long after the sign-up a registration may still write its
	// account: the API waits 30 s for one, and clocks differ.
	unfinished = time.Minute

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
	deleted := 0
	for user, err := range s.users(ctx) {
		if err == nil {
			err = s.stop(ctx, len(problems))
		}
		if err != nil {
			problems = append(problems, err)
			break
		}
		gone, err := s.look(ctx, user)
		if err != nil {
			problems = append(problems, fmt.Errorf("sweep a user: %w", err))
		}
		if gone {
			deleted++
		}
	}
	if deleted > 0 {
		telemetry.FromContext(ctx).InfoContext(ctx, "users without an account are deleted", "users", deleted)
	}
	return errors.Join(problems...)
}

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
	if end, ok := ctx.Deadline(); ok && end.Sub(s.now()) < lastUser {
		return errNoTime
	}
	if failures >= tooManyFailures {
		return errFailing
	}
	return nil
}

// look deletes the user if there is no account and can be none any more.
func (s *sweep) look(ctx context.Context, user unconfirmedUser) (deleted bool, err error) {
	if s.now().Sub(user.createdAt) < unfinished {
		return false, nil
	}
	exists, err := s.accounts.Exists(ctx, user.userID)
	if err != nil || exists {
		return false, err
	}
	err = s.pool.DeleteUser(ctx, user.userID)
	return err == nil, err
}
