package applock

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/pinhash"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// guesses limits how often a PIN may be guessed at.
type guesses struct {
	counter interface {
		attempts.Checker
		ResetFailures(ctx context.Context, subjects ...attempts.AttemptKey) error
	}
	names interface {
		attempts.Names
		Device(ctx context.Context, userID, deviceID string) (pseudonym.Pseudonym, error)
	}
}

// newGuesses is for functions that declare attempts.Grant and GenerateMac with the
// lookup key.
func newGuesses(env *function.Resources) *guesses {
	return &guesses{counter: attempts.Open(env), names: pseudonym.Open(env)}
}

// pinCandidates is where a PIN is tried: at a device of a user's, which may have a PIN of
// its own, while other devices have theirs.
type pinCandidates struct {
	userID, deviceID string
	// signedIn is when the user signed in last. A sign-in forgets wrong PINs: the app
	// asks for the password after five of them.
	signedIn time.Time
	own      tables.EncryptedString
	others   []tables.EncryptedString
}

// isRight tells whether the PIN is that of the device or of any other of the
// user's. The device's own comes first, under its own count, so that nothing that
// is tried elsewhere locks a device's owner out. The others share one count for
// the user, whatever the id of the device is.
func (g *guesses) isRight(ctx context.Context, at pinCandidates, pin *pinhash.PIN) (right bool, err error) {
	if at.own == "" {
		return g.isAnothers(ctx, at, pin)
	}
	device, err := g.names.Device(ctx, at.userID, at.deviceID)
	if err != nil {
		return false, err
	}
	err = g.check(ctx, attempts.DevicePINs, device, at, func() (attempts.Verdict, error) {
		if right, err = pin.Matches(at.own); err != nil || right || len(at.others) == 0 {
			return verdictOf(right, err), err
		}
		right, err = g.isAnothers(ctx, at, pin)
		var locked *attempts.LockedError
		if errors.As(err, &locked) {
			return attempts.Wrong, nil // for this device: the owner need not wait to try again
		}
		if err != nil || !right {
			return attempts.Wrong, err
		}
		// It was no wrong PIN, and no proof of the device's own: it may be one that
		// whoever guesses has set at another device.
		return attempts.Unspent, nil
	})
	return right, err
}

// isAnothers tells whether the PIN is that of another device.
func (g *guesses) isAnothers(ctx context.Context, at pinCandidates, pin *pinhash.PIN) (right bool, err error) {
	user, err := g.names.User(ctx, at.userID)
	if err != nil {
		return false, err
	}
	err = g.check(ctx, attempts.AnyPINs, user, at, func() (attempts.Verdict, error) {
		right, err = isOneOf(pin, at.others)
		return verdictOf(right, err), err
	})
	return right, err
}

// check has a PIN compared, if the account, a device or a user, and the origin of the
// request have a guess left.
func (g *guesses) check(ctx context.Context, secret attempts.Secret, account pseudonym.Pseudonym, at pinCandidates, compare func() (attempts.Verdict, error)) error {
	origin, err := attempts.OriginOf(ctx, g.names)
	if err != nil {
		return err
	}
	return g.counter.Check(ctx, attempts.Guess{Secret: secret, Account: account, Origin: origin, Since: at.signedIn}, compare)
}

func verdictOf(right bool, err error) attempts.Verdict {
	switch {
	case err != nil:
		return attempts.Unspent
	case right:
		return attempts.Right
	}
	return attempts.Wrong
}

func isOneOf(pin *pinhash.PIN, stored []tables.EncryptedString) (right bool, err error) {
	if len(stored) == 0 {
		return pin.Matches("")
	}
	for _, hash := range stored {
		equal, err := pin.Matches(hash)
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
	return g.counter.ResetFailures(ctx, attempts.PIN.Of(device))
}
