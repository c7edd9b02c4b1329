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

// pinGuesses limits how often a PIN may be guessed at.
type pinGuesses struct {
	counter interface {
		attempts.Checker
		ResetFailures(ctx context.Context, subjects ...attempts.AttemptKey) error
	}
	names interface {
		attempts.Names
		Device(ctx context.Context, userID, deviceID string) (pseudonym.Pseudonym, error)
	}
}

// newPINGuesses returns pinGuesses for functions that declare attempts.Grant and GenerateMac with the
// lookup key.
func newPINGuesses(resources *function.Resources) *pinGuesses {
	return &pinGuesses{counter: attempts.Open(resources), names: pseudonym.Open(resources)}
}

// pinCandidates are the PINs that a PIN is compared with: the PIN of one device of a
// user, and the PINs of the user's other devices.
type pinCandidates struct {
	userID, deviceID string
	// signedIn is when the user signed in last. A sign-in forgets wrong PINs, because the
	// app asks for the password after five of them.
	signedIn time.Time
	own      tables.EncryptedString
	others   []tables.EncryptedString
}

// matchesAny reports whether the PIN is that of the device or of any other device of
// the user. The device's PIN is compared first and has its own count, so that guesses on
// other devices cannot lock the owner out. The other PINs share one count for the user,
// whatever the id of the device is.
func (g *pinGuesses) matchesAny(ctx context.Context, at pinCandidates, pin *pinhash.PIN) (right bool, err error) {
	if at.own == "" {
		return g.matchesOtherDevice(ctx, at, pin)
	}
	device, err := g.names.Device(ctx, at.userID, at.deviceID)
	if err != nil {
		return false, err
	}
	err = g.check(ctx, attempts.DevicePINs, device, at, func() (attempts.Verdict, error) {
		if right, err = pin.Matches(at.own); err != nil || right || len(at.others) == 0 {
			return verdictOf(right, err), err
		}
		right, err = g.matchesOtherDevice(ctx, at, pin)
		var locked *attempts.LockedError
		if errors.As(err, &locked) {
			return attempts.Wrong, nil // for this device: the owner can try again at once
		}
		if err != nil || !right {
			return attempts.Wrong, err
		}
		// The PIN is right, but does not prove the owner of this device: an attacker may
		// have set it on another device.
		return attempts.Unspent, nil
	})
	return right, err
}

// matchesOtherDevice reports whether the PIN is that of another device.
func (g *pinGuesses) matchesOtherDevice(ctx context.Context, at pinCandidates, pin *pinhash.PIN) (right bool, err error) {
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

// check compares a PIN if both counts have a guess left: that of the account, which is a
// device or a user, and that of the request's origin.
func (g *pinGuesses) check(ctx context.Context, secret attempts.Secret, account pseudonym.Pseudonym, at pinCandidates, compare func() (attempts.Verdict, error)) error {
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

// forget forgets the wrong PINs of a device whose PIN was changed or removed.
func (g *pinGuesses) forget(ctx context.Context, userID, deviceID string) error {
	device, err := g.names.Device(ctx, userID, deviceID)
	if err != nil {
		return err
	}
	return g.counter.ResetFailures(ctx, attempts.PIN.Of(device))
}
