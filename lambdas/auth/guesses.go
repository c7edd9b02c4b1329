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

// guesses limits how often a secret may be guessed at.
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

// namedAccount is the account that a client named, by whichever of its names.
type namedAccount struct {
	// username is the pool's, or what the client typed when there is no such user.
	username string
	// UserID is empty when there is no such user.
	userID string
	// who is whom guesses are counted for: the user, so that every name of a user has
	// one count. Where there is no user, it is the name.
	limitKey pseudonym.Pseudonym
}

// findAccount returns the account that a client named by its username, its e-mail
// address or its id, all of which Cognito or the backend takes. The calls are the
// same for names that no account has.
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

// check has a secret of an account looked at, if the account and the origin of the
// request have a guess left.
func (g *guesses) check(ctx context.Context, secret attempts.Secret, account namedAccount, try func() error) error {
	guess, err := g.guess(ctx, secret, account)
	if err != nil {
		return err
	}
	if guess.Known, err = g.origins.IsKnownOrigin(ctx, cmp.Or(account.userID, string(account.limitKey)), guess.Origin); err != nil {
		return apierror.Unavailable.Because(err)
	}
	return g.counter.Check(ctx, guess, func() (attempts.Verdict, error) {
		err := try()
		return verdictOf(err), err
	})
}

func (g *guesses) guess(ctx context.Context, secret attempts.Secret, account namedAccount) (attempts.Guess, error) {
	origin, err := attempts.OriginOf(ctx, g.pseudonyms)
	return attempts.Guess{Secret: secret, Account: account.limitKey, Origin: origin}, err
}

// verdictOf returns what became of a guess. Whatever Cognito answers about it is
// counted, because it may have spent a quota that Cognito keeps for the user. Not
// counted are answers that Cognito gives before it looks at the secret, and failures.
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

// forget forgets the wrong passwords and codes of an account.
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
