package attempts

import (
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Policy says how often one kind of secret may be tried in vain.
type Policy struct {
	// Name keeps attempts of different policies apart. It is stored: with another
	// name everything is counted from zero.
	Name string
	// Free is how many failures cost nothing, at least 1.
	Free int
	// FirstDelay is the wait after that many failures. It doubles with each further
	// one.
	FirstDelay time.Duration
	// LongestDelay is where it stops doubling. It bounds for how long one guess
	// keeps the owner out.
	LongestDelay time.Duration
	// Forget is how long after the last failure all are forgotten. It is longer
	// than LongestDelay.
	Forget time.Duration
	// Shared says that a success proves nothing about the failures before it,
	// because they may have been somebody else's or at something else. It then
	// gives back its own attempt only. Default: it forgets them all.
	Shared bool
}

// The policies. docs/attempts.md says what they amount to.
var (
	// SignIn is for an account's password.
	SignIn = Policy{Name: "sign-in", Free: 5, FirstDelay: 30 * time.Second, LongestDelay: 15 * time.Minute, Forget: 24 * time.Hour}
	// SignInAddress is for the address that passwords are tried from, whatever the
	// account. A mobile carrier puts many people behind one address, so it is more
	// patient, and sooner forgets.
	SignInAddress = Policy{Name: "sign-in-address", Free: 20, FirstDelay: 30 * time.Second, LongestDelay: 5 * time.Minute, Forget: time.Hour, Shared: true}
	// Code is for the six digits that were sent to an account's e-mail address.
	Code = Policy{Name: "code", Free: 5, FirstDelay: 30 * time.Second, LongestDelay: 15 * time.Minute, Forget: 24 * time.Hour}
	// PIN is for the five digits that unlock the app on a user's device, compared
	// with that device's own.
	PIN = Policy{Name: "pin", Free: 5, FirstDelay: 30 * time.Second, LongestDelay: time.Hour, Forget: 24 * time.Hour}
	// OtherPINs is for the same digits compared with those of all of a user's other
	// devices, whatever device they are tried at. One of those may be the guesser's.
	OtherPINs = Policy{Name: "other-pins", Free: 5, FirstDelay: 30 * time.Second, LongestDelay: time.Hour, Forget: 24 * time.Hour, Shared: true}
)

// Subject is whom attempts are counted for under one policy.
type Subject struct {
	policy Policy
	who    pseudonym.Pseudonym
}

// Of returns the policy's subject of this pseudonym.
func (p Policy) Of(who pseudonym.Pseudonym) Subject { return Subject{policy: p, who: who} }

func (s Subject) id() string { return s.policy.Name + "#" + string(s.who) }

func (s Subject) validate() error {
	p := s.policy
	switch {
	case p.Name == "" || s.who == "":
		return errors.New("attempts need a policy with a name and the pseudonym of a subject")
	case p.Free < 1 || p.FirstDelay <= 0 || p.LongestDelay < p.FirstDelay || p.Forget <= p.LongestDelay:
		return fmt.Errorf("attempts policy %s: it needs 1 free failure or more, and 0 < FirstDelay <= LongestDelay < Forget", p.Name)
	}
	return nil
}

// remembered returns what of a count still holds: all of it, or nothing when it
// is old enough to forget. DynamoDB deletes such items days late.
func (p Policy) remembered(count tables.LoginAttempt, now time.Time) tables.LoginAttempt {
	if now.Before(time.UnixMilli(count.LastAt).Add(p.Forget)) {
		return count
	}
	count.Failures, count.LastAt = 0, 0
	return count
}

// wait is how long there must be none after this many failures, the last of
// which was at lastAt. It is zero when the next attempt may come now.
func (p Policy) wait(count tables.LoginAttempt, now time.Time) time.Duration {
	end := time.UnixMilli(count.LastAt).Add(p.delay(count.Failures))
	return max(0, end.Sub(now))
}

func (p Policy) delay(failures int) time.Duration {
	if failures < p.Free {
		return 0
	}
	delay := p.FirstDelay
	for range failures - p.Free {
		if delay >= p.LongestDelay {
			break
		}
		delay *= 2
	}
	return min(delay, p.LongestDelay)
}

// expiry is when the count may be deleted, in epoch seconds.
func (p Policy) expiry(lastAt int64) int64 {
	return time.UnixMilli(lastAt).Add(p.Forget + time.Second).Unix()
}
