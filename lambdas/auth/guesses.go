package auth

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
)

// guesses limits the attempts at passwords and codes.
type guesses struct {
	counter interface {
		attempts.Checker
		// Count returns an error that is the response.
		Count(ctx context.Context, subjects ...attempts.AttemptKey) error
		ResetGuesses(ctx context.Context, guess attempts.Guess) error
	}
	pseudonyms interface {
		attempts.Names
		Username(ctx context.Context, name string) (pseudonym.Pseudonym, error)
	}
	pool    userFinder
	emails  usernameFinder
	origins interface {
		// IsKnownOrigin reports whether the user signed in from the origin lately.
		IsKnownOrigin(ctx context.Context, userID string, origin pseudonym.Pseudonym) (bool, error)
	}
}

// newGuesses is for functions that declare what newRequestCounts needs, and
// signins.KnowsGrant.
func newGuesses(resources *function.Resources, pool userFinder) *guesses {
	g := newRequestCounts(resources, pool)
	g.origins = signins.Open(resources, pseudonym.Open(resources))
	return g
}

// namedAccount is the account that a client named.
type namedAccount struct {
	// username is the name in the pool. Without such a user, it is the text that the
	// client sent.
	username string
	// userID is empty when there is no such user.
	userID string
	// limitKey is what attempts are counted for: the user, so that all names of a user
	// share one count. Without such a user, it is the name.
	limitKey pseudonym.Pseudonym
}

// findAccount returns the account that a client named by its username, e-mail address
// or id. Cognito or the backend accepts all three. The calls are the same for names
// without an account.
func (g *guesses) findAccount(ctx context.Context, name string) (namedAccount, error) {
	username, err := usernameOf(ctx, g.emails, name)
	if err != nil {
		return namedAccount{}, err
	}
	user, found, err := g.pool.Find(ctx, username)
	if err != nil {
		return namedAccount{}, err
	}
	if !found {
		key, err := g.pseudonyms.Username(ctx, username)
		return namedAccount{username: username, limitKey: key}, err
	}
	key, err := g.pseudonyms.User(ctx, user.ID)
	return namedAccount{username: cmp.Or(user.Username, username), userID: user.ID, limitKey: key}, err
}

// check runs try, which checks a secret of the account. It returns an error without
// running try when the account or the origin of the request has no attempt left. It
// reports whether earlier guesses failed.
func (g *guesses) check(ctx context.Context, secret attempts.Secret, account namedAccount, try func() error) (failed bool, err error) {
	guess, err := g.guess(ctx, secret, account)
	if err != nil {
		return false, err
	}
	earlier := 0
	guess.Earlier = &earlier
	if guess.Known, err = g.origins.IsKnownOrigin(ctx, cmp.Or(account.userID, string(account.limitKey)), guess.Origin); err != nil {
		return false, apierror.Unavailable.Because(err)
	}
	err = g.counter.Check(ctx, guess, func() (attempts.Verdict, error) {
		err := try()
		return verdictOf(err), err
	})
	return earlier > 0, err
}

func (g *guesses) guess(ctx context.Context, secret attempts.Secret, account namedAccount) (attempts.Guess, error) {
	origin, err := attempts.OriginOf(ctx, g.pseudonyms)
	return attempts.Guess{Secret: secret, Account: account.limitKey, Origin: origin}, err
}

// verdictOf returns the result of an attempt. Every response of Cognito to a secret
// counts, because it may have used a quota that Cognito keeps for the user. Responses
// that Cognito gives before it checks the secret, and failures, do not count.
func verdictOf(err error) attempts.Verdict {
	var answer *apierror.Error
	switch {
	case err == nil:
		return attempts.Right
	case errors.Is(err, userpool.ErrNotConfirmed), errors.Is(err, userpool.ErrPasswordResetRequired), userpool.IsThrottled(err):
		return attempts.Unspent
	case errors.As(err, &answer) && answer.Status < http.StatusInternalServerError:
		return attempts.Wrong
	}
	return attempts.Unspent
}

// forget resets the counts of wrong passwords and codes of an account.
func (g *guesses) forget(ctx context.Context, account namedAccount) error {
	var failures []error
	for _, secret := range []attempts.Secret{attempts.Passwords, attempts.SignUpCodes, attempts.ResetCodes} {
		guess, err := g.guess(ctx, secret, account)
		if err == nil {
			err = g.counter.ResetGuesses(ctx, guess)
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}
