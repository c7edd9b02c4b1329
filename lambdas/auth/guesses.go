package auth

import (
	"context"
	"errors"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
)

// guesses limits how often a secret may be guessed at.
type guesses struct {
	counter interface {
		// Reserve returns an error that is the answer for the client.
		Reserve(ctx context.Context, subjects ...attempts.Subject) (*attempts.Reservation, error)
		Succeeded(ctx context.Context, attempt *attempts.Reservation)
		Refund(ctx context.Context, attempt *attempts.Reservation)
		Forget(ctx context.Context, subjects ...attempts.Subject) error
	}
	names interface {
		Username(ctx context.Context, name string) (pseudonym.Pseudonym, error)
		Address(ctx context.Context, ip string) (pseudonym.Pseudonym, error)
	}
}

// newGuesses is for functions that declare attempts.Grant and GenerateMac with
// the lookup key.
func newGuesses(env *function.Environment) *guesses {
	return &guesses{counter: attempts.Open(env), names: pseudonym.Open(env)}
}

// check checks a secret that somebody offers. The attempt is counted before, and
// afterwards given back unless the secret was wrong.
func (g *guesses) check(ctx context.Context, subjects []attempts.Subject, secret func() error) error {
	attempt, err := g.counter.Reserve(ctx, subjects...)
	if err != nil {
		return err
	}
	err = secret()
	switch {
	case err == nil:
		g.counter.Succeeded(ctx, attempt)
	case !errors.Is(err, errBadPassword) && !errors.Is(err, errWrongCode) && !errors.Is(err, errWrongResetCode):
		g.counter.Refund(ctx, attempt)
	}
	return err
}

// signIn checks a password, which is limited for the account and for the address
// that it comes from.
func (g *guesses) signIn(ctx context.Context, username string, secret func() error) error {
	account, err := g.names.Username(ctx, username)
	if err != nil {
		return err
	}
	address, err := g.names.Address(ctx, function.RequestOf(ctx).Address)
	if err != nil {
		return err
	}
	return g.check(ctx, []attempts.Subject{attempts.SignInAddress.Of(address), attempts.SignIn.Of(account)}, secret)
}

// code checks a code that was sent to an account's e-mail address.
func (g *guesses) code(ctx context.Context, username string, secret func() error) error {
	account, err := g.names.Username(ctx, username)
	if err != nil {
		return err
	}
	return g.check(ctx, []attempts.Subject{attempts.Code.Of(account)}, secret)
}

// once counts a request that sends an e-mail, whether or not there is anybody to
// send it to.
func (g *guesses) once(ctx context.Context, username string) error {
	account, err := g.names.Username(ctx, username)
	if err != nil {
		return err
	}
	_, err = g.counter.Reserve(ctx, mailRequests.Of(account))
	return err
}

// forget forgets the wrong passwords and codes of an account.
func (g *guesses) forget(ctx context.Context, username string) error {
	account, err := g.names.Username(ctx, username)
	if err != nil {
		return err
	}
	return g.counter.Forget(ctx, attempts.SignIn.Of(account), attempts.Code.Of(account))
}
