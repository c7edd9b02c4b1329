package attempts

import (
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Policy limits how often one kind of secret may be guessed wrong.
type Policy struct {
	// Name separates the counts of different policies. It is stored, so a changed
	// name resets every count.
	Name string
	// FreeFailures is how many failures cause no wait, at least 1.
	FreeFailures int
	// FirstDelay is the wait after FreeFailures failures. Each further failure
	// doubles the wait.
	FirstDelay time.Duration
	// MaxDelay is the longest wait. It bounds how long one guess keeps the owner out.
	MaxDelay time.Duration
	// ResetAfter is how long after the last failure all are forgotten. It is longer
	// than MaxDelay.
	ResetAfter time.Duration
	// Daily is how many failures are allowed in the 24 hours after the first of them.
	// The next attempt waits until the 24 hours are over. Default: as many as the
	// waits allow.
	Daily int
	// KeepFailuresOnSuccess keeps earlier failures after a success, because another
	// user or another secret may have caused them. A success then refunds its own
	// attempt only. Default: a success resets all failures.
	KeepFailuresOnSuccess bool
}

// day is the period of Policy.Daily.
const day = 24 * time.Hour

// The policies. docs/attempts.md has their effects, and why the waits of passwords
// and codes end at 16 minutes.
var (
	// SignIn is for an account's password.
	SignIn = Policy{Name: "sign-in", FreeFailures: 5, FirstDelay: 30 * time.Second, MaxDelay: 16 * time.Minute, ResetAfter: day}
	// SignInIP is for the source IP of password guesses, for all accounts together. A
	// mobile carrier puts many people behind one IP address, so SignInIP allows more
	// failures and resets them sooner.
	SignInIP = Policy{Name: "sign-in-address", FreeFailures: 20, FirstDelay: 30 * time.Second, MaxDelay: 5 * time.Minute, ResetAfter: time.Hour, Daily: 300, KeepFailuresOnSuccess: true}
	// Code is for the six digits that confirm an account's e-mail address.
	Code = Policy{Name: "code", FreeFailures: 5, FirstDelay: 30 * time.Second, MaxDelay: 16 * time.Minute, ResetAfter: day}
	// ResetCode is for the code that replaces a forgotten password. Cognito checks 5
	// codes of a user in an hour, or more, depending on the risk
	// (https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html).
	// Guesses of attackers must leave the owner some of these checks.
	ResetCode = Policy{Name: "reset-code", FreeFailures: 3, FirstDelay: time.Hour, MaxDelay: time.Hour, ResetAfter: day}
	// CodeIP is for the source IP of guesses at codes of both kinds.
	CodeIP = Policy{Name: "code-address", FreeFailures: 20, FirstDelay: 30 * time.Second, MaxDelay: 5 * time.Minute, ResetAfter: time.Hour, Daily: 200, KeepFailuresOnSuccess: true}
	// PIN is for the five digits that unlock the app on a user's device, compared
	// with the PIN of that device.
	PIN = Policy{Name: "pin", FreeFailures: 5, FirstDelay: 30 * time.Second, MaxDelay: time.Hour, ResetAfter: day}
	// OtherPINs is for the same digits compared with the PINs of all the user's other
	// devices. One of those devices may belong to the attacker.
	OtherPINs = Policy{Name: "other-pins", FreeFailures: 5, FirstDelay: 30 * time.Second, MaxDelay: time.Hour, ResetAfter: day, KeepFailuresOnSuccess: true}
	// PINIP is for the source IP of PIN guesses. People mistype PINs more often than
	// passwords.
	PINIP = Policy{Name: "pin-address", FreeFailures: 40, FirstDelay: 30 * time.Second, MaxDelay: 5 * time.Minute, ResetAfter: time.Hour, Daily: 600, KeepFailuresOnSuccess: true}
)

// AttemptKey identifies a count: a policy, and the pseudonym of the account or the
// origin.
type AttemptKey struct {
	policy    Policy
	pseudonym pseudonym.Pseudonym
	// since is when the user proved their identity. Earlier failures do not count.
	// Default: all failures count.
	since time.Time
}

// Of returns the policy's key for this pseudonym.
func (p Policy) Of(who pseudonym.Pseudonym) AttemptKey { return AttemptKey{policy: p, pseudonym: who} }

func (k AttemptKey) id() string { return k.policy.Name + "#" + string(k.pseudonym) }

func (k AttemptKey) validate() error {
	p := k.policy
	switch {
	case p.Name == "" || k.pseudonym == "":
		return errors.New("attempts need a policy with a name and the pseudonym of a subject")
	case p.FreeFailures < 1 || p.FirstDelay <= 0 || p.MaxDelay < p.FirstDelay || p.ResetAfter <= p.MaxDelay:
		return fmt.Errorf("attempts policy %s: it needs 1 free failure or more, and 0 < FirstDelay <= MaxDelay < ResetAfter", p.Name)
	case p.Daily < 0 || p.Daily > 0 && !p.KeepFailuresOnSuccess:
		return fmt.Errorf("attempts policy %s: a daily limit needs KeepFailuresOnSuccess, because a success would reset it", p.Name)
	}
	return nil
}

// current returns the part of a count that is still valid for the key.
func (k AttemptKey) current(count tables.LoginAttempt, now time.Time) tables.LoginAttempt {
	if time.UnixMilli(count.LastAt).Before(k.since) {
		count.Failures, count.LastAt = 0, 0
	}
	return k.policy.current(count, now)
}

// current returns the part of a count that is still valid. Failures expire here,
// because DynamoDB deletes expired items days late.
func (p Policy) current(count tables.LoginAttempt, now time.Time) tables.LoginAttempt {
	if !now.Before(time.UnixMilli(count.LastAt).Add(p.ResetAfter)) {
		count.Failures, count.LastAt = 0, 0
	}
	if !now.Before(time.UnixMilli(count.DayBegan).Add(day)) {
		count.DayFailures, count.DayBegan = 0, 0
	}
	return count
}

// withFailure returns the count with one more failure.
func (p Policy) withFailure(count tables.LoginAttempt, now time.Time) tables.LoginAttempt {
	count.Failures, count.LastAt = count.Failures+1, now.UnixMilli()
	if p.Daily > 0 {
		if count.DayFailures == 0 {
			count.DayBegan = now.UnixMilli()
		}
		count.DayFailures++
	}
	count.ExpiresAt = p.expiry(count)
	return count
}

// wait returns how long the next attempt must wait. It is zero when the next
// attempt may come now.
func (p Policy) wait(count tables.LoginAttempt, now time.Time) time.Duration {
	end := time.UnixMilli(count.LastAt).Add(p.delay(count.Failures))
	if dayEnd := time.UnixMilli(count.DayBegan).Add(day); p.Daily > 0 && count.DayFailures >= p.Daily && end.Before(dayEnd) {
		end = dayEnd
	}
	return max(0, end.Sub(now))
}

func (p Policy) delay(failures int) time.Duration {
	if failures < p.FreeFailures {
		return 0
	}
	delay := p.FirstDelay
	for range failures - p.FreeFailures {
		if delay >= p.MaxDelay {
			break
		}
		delay *= 2
	}
	return min(delay, p.MaxDelay)
}

// expiry returns when the count may be deleted, in epoch seconds.
func (p Policy) expiry(count tables.LoginAttempt) int64 {
	end := time.UnixMilli(count.LastAt).Add(p.ResetAfter)
	if dayEnd := time.UnixMilli(count.DayBegan).Add(day); count.DayFailures > 0 && end.Before(dayEnd) {
		end = dayEnd
	}
	return end.Add(time.Second).Unix()
}
