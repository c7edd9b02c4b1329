package security

import (
	"context"
	"errors"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/pinhash"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// guesses limits how often a PIN may be guessed at.
type guesses struct {
	counter interface {
		// Reserve returns a *attempts.LockedError, or another answer for the client.
		Reserve(ctx context.Context, subjects ...attempts.Subject) (*attempts.Reservation, error)
		Succeeded(ctx context.Context, attempt *attempts.Reservation)
		Refund(ctx context.Context, attempt *attempts.Reservation)
		Forget(ctx context.Context, subjects ...attempts.Subject) error
	}
	names interface {
		User(ctx context.Context, userID string) (pseudonym.Pseudonym, error)
		Device(ctx context.Context, userID, deviceID string) (pseudonym.Pseudonym, error)
	}
}

// newGuesses is for functions that declare attempts.Grant and GenerateMac with the
// lookup key.
func newGuesses(env *function.Environment) *guesses {
	return &guesses{counter: attempts.Open(env), names: pseudonym.Open(env)}
}

// place is where a PIN is tried: at a device of a user's, which may have a PIN of
// its own, while other devices have theirs.
type place struct {
	userID, deviceID string
	own              tables.Private
	others           []tables.Private
}

// isRight tells whether the PIN is that of the device or of any other of the
// user's. The device's own comes first, under its own count, so that nothing that
// is tried elsewhere locks a device's owner out. The others share one count for
// the user, whatever the id of the device is.
func (g *guesses) isRight(ctx context.Context, at place, pin *pinhash.PIN) (bool, error) {
	if at.own == "" {
		return g.isAnothers(ctx, at, pin)
	}
	device, err := g.names.Device(ctx, at.userID, at.deviceID)
	if err != nil {
		return false, err
	}
	attempt, right, err := g.check(ctx, attempts.PIN.Of(device), pin, at.own)
	if err != nil || right || len(at.others) == 0 {
		return right, err
	}
	right, err = g.isAnothers(ctx, at, pin)
	var locked *attempts.LockedError
	if errors.As(err, &locked) {
		return false, nil // for this device it is wrong: the owner need not wait to try again
	}
	if right {
		// It was no wrong PIN, and no proof of the device's own: it may be one that
		// whoever guesses has set at another device.
		g.counter.Refund(ctx, attempt)
	}
	return right, err
}

// isAnothers tells whether the PIN is that of another device.
func (g *guesses) isAnothers(ctx context.Context, at place, pin *pinhash.PIN) (bool, error) {
	user, err := g.names.User(ctx, at.userID)
	if err != nil {
		return false, err
	}
	_, right, err := g.check(ctx, attempts.OtherPINs.Of(user), pin, at.others...)
	return right, err
}

// check compares a PIN with stored ones, or with nothing for as long. The attempt
// is counted before, and afterwards given back unless the PIN was wrong.
func (g *guesses) check(ctx context.Context, subject attempts.Subject, pin *pinhash.PIN, stored ...tables.Private) (*attempts.Reservation, bool, error) {
	attempt, err := g.counter.Reserve(ctx, subject)
	if err != nil {
		return nil, false, err
	}
	right, err := isOneOf(pin, stored)
	switch {
	case err != nil:
		g.counter.Refund(ctx, attempt)
	case right:
		g.counter.Succeeded(ctx, attempt)
	}
	return attempt, right, err
}

func isOneOf(pin *pinhash.PIN, stored []tables.Private) (right bool, err error) {
	if len(stored) == 0 {
		return pin.Is("")
	}
	for _, hash := range stored {
		equal, err := pin.Is(hash)
		if err != nil {
			return false, err
		}
		right = right || equal
	}
	return right, nil
}

// forget forgets the wrong PINs of a device that has another one now, or none.
func (g *guesses) forget(ctx context.Context, userID, deviceID string) error {
	device, err := g.names.Device(ctx, userID, deviceID)
	if err != nil {
		return err
	}
	return g.counter.Forget(ctx, attempts.PIN.Of(device))
}
