package attempts

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
)

// Secret is a kind of secret that can be guessed. Every guess is counted for the
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
	// Account is whose secret it is: a user, or a device of a user.
	Account pseudonym.Pseudonym
	// Origin is the address that the guess comes from.
	Origin pseudonym.Pseudonym
	// Known reports whether the owner of the account signed in from the origin
	// lately. Then the guess is counted apart from those of unknown origins, which
	// therefore cannot lock the owner out. Default: the origin is unknown.
	Known bool
	// Since is when the owner last proved to be the owner in another way: the
	// account's earlier failures are forgotten. Default: none are.
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

// keys returns whom the guess counts for: the origin first, so that an origin
// that is locked counts nothing for the account.
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

// Verdict is what became of a guess.
type Verdict int

const (
	// Wrong guesses stay counted. So do those that spent a quota of the service that
	// looks at the secret, whatever it answered.
	Wrong Verdict = iota
	// Right guesses forget the account's failures, unless its policy is shared, and
	// give the origin back its attempt.
	Right
	// Unspent guesses were not looked at, and are given back.
	Unspent
)

// Check counts a guess for its account and its origin, then has it looked at, and
// then settles the counts by the verdict. It returns the error of try, a
// *LockedError without calling try, or apierror.Unavailable when it cannot count:
// what is not counted is not tried.
func (c *Counter) Check(ctx context.Context, guess Guess, try func() (Verdict, error)) error {
	keys, err := guess.keys()
	if err != nil {
		return err
	}
	attempt, err := c.reserveAll(ctx, keys...)
	if err != nil {
		return err
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

// ResetGuesses forgets the failures of the account of a guess, from unknown
// origins and from this one, because its owner has proved to be the owner in
// another way or has a new secret. It returns the errors of DynamoDB.
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
