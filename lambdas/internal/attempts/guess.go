package attempts

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
)

// Secret is a kind of secret that attackers may guess. Every guess is counted for the
// account and for the origin, so a Secret has a policy for each.
type Secret struct{ Account, Origin Policy }

// The secrets of the backend.
var (
	Passwords   = Secret{Account: SignIn, Origin: SignInIP}
	SignUpCodes = Secret{Account: Code, Origin: CodeIP}
	ResetCodes  = Secret{Account: ResetCode, Origin: CodeIP}
	// DevicePINs are compared with the PIN of one device.
	DevicePINs = Secret{Account: PIN, Origin: PINIP}
	// AnyPINs are compared with the PINs of all other devices of a user.
	AnyPINs = Secret{Account: OtherPINs, Origin: PINIP}
)

// Guess is one attempt at a secret.
type Guess struct {
	Secret Secret
	// Account is the owner of the secret: a user, or a device of a user.
	Account pseudonym.Pseudonym
	// Origin is the source IP of the guess.
	Origin pseudonym.Pseudonym
	// Known reports whether the owner of the account signed in from the origin
	// lately. Such guesses are counted separately, so that guesses from unknown
	// origins cannot lock the owner out. Default: the origin is unknown.
	Known bool
	// Earlier is set to how many guesses at the account's secret failed before this one,
	// once the guess is admitted. Default: nil, the number is of no interest.
	Earlier *int
	// Since is when the owner last proved their identity in another way. Earlier
	// failures of the account do not count. Default: all failures count.
	Since time.Time
}

// Checker is the part of a Counter that checks guesses. Tests of use cases use a fake.
type Checker interface {
	// Check returns a *LockedError, or another error that is the response.
	Check(ctx context.Context, guess Guess, try func() (Verdict, error)) error
}

// Names makes the pseudonyms of a Guess: one of a user for its Account, one of an
// address for its Origin.
type Names interface {
	User(ctx context.Context, userID string) (pseudonym.Pseudonym, error)
	SourceIP(ctx context.Context, ip string) (pseudonym.Pseudonym, error)
}

// OriginOf returns the Origin of a guess that the request of the context brings.
func OriginOf(ctx context.Context, names Names) (pseudonym.Pseudonym, error) {
	return names.SourceIP(ctx, function.RequestOf(ctx).SourceIP)
}

// knownPrefix begins the names of the policies of known origins.
const knownPrefix = "known-"

// keys returns the keys that the guess counts for. The origin comes first, so that a
// locked origin adds nothing to the account's count.
func (g Guess) keys() ([]AttemptKey, error) {
	if g.Account == "" || g.Origin == "" {
		return nil, errors.New("a guess needs the pseudonyms of an account and an origin")
	}
	origin, account := g.Secret.Origin.Of(g.Origin), g.Secret.Account.Of(g.Account)
	if g.Known {
		origin.policy.Name = knownPrefix + origin.policy.Name
		account.policy.Name = knownPrefix + account.policy.Name
		account.pseudonym += "@" + g.Origin
	}
	account.since = g.Since
	return []AttemptKey{origin, account}, nil
}

// Verdict is the result of a guess.
type Verdict int

const (
	// Wrong guesses stay counted. So do guesses that used a quota of the service that
	// checks the secret, whatever its response.
	Wrong Verdict = iota
	// Right guesses reset the account's failures, unless its policy keeps them, and
	// refund the origin.
	Right
	// Unspent guesses were not checked, and are refunded.
	Unspent
)

// Check counts a guess for its account and its origin, calls try, and then updates
// the counts by the verdict. It returns the error of try. When the guess is locked it
// returns a *LockedError, and when it cannot count, apierror.Unavailable; it then
// does not call try.
func (c *Counter) Check(ctx context.Context, guess Guess, try func() (Verdict, error)) error {
	keys, err := guess.keys()
	if err != nil {
		return err
	}
	attempt, err := c.reserveAll(ctx, keys...)
	if err != nil {
		return err
	}
	if guess.Earlier != nil {
		*guess.Earlier = attempt.counted[1].count.Failures - 1 // of the account
	}
	verdict, err := try()
	switch verdict {
	case Right:
		c.recordSuccess(ctx, attempt)
	case Unspent:
		c.refundAll(ctx, attempt)
	}
	return err
}

// ResetGuesses resets the failures of a guess's account, both from unknown origins
// and from this one. Call it when the owner proved their identity in another way or
// has a new secret. It returns the errors of DynamoDB.
func (c *Counter) ResetGuesses(ctx context.Context, guess Guess) error {
	var failures []error
	for _, known := range []bool{false, true} {
		guess.Known = known
		keys, err := guess.keys()
		if err == nil {
			err = c.resetFailures(ctx, keys[1])
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}
