// Package attempts limits how often a secret can be guessed: passwords, codes and PINs.
// The first failures cause no wait. Each further failure doubles the wait until the next
// attempt.
//
//	guess := attempts.Guess{Secret: attempts.Passwords, Account: account, Origin: origin}
//	err := l.attempts.Check(ctx, guess, func() (attempts.Verdict, error) {
//		issued, err = l.pool.SignIn(ctx, username, in.Password)
//		return verdictOf(err), err // Wrong, Right or Unspent
//	})
//
// During a wait, Check returns a *LockedError, a 429 with the wait, without checking the
// secret.
//
// An attempt is counted as a failure before the secret is checked, and refunded after a
// success. Otherwise all requests that arrive during the first check would pass.
//
// Every guess counts for an account and for its origin. A count of accounts alone would
// let one origin guess the codes of all accounts. A count of origins alone would let many
// origins guess at one account. Guesses from an origin where the owner signed in lately
// are counted separately from guesses of strangers.
//
// A count is one item (tables.LoginAttempts). Each write has the condition that the count
// did not change in between, so parallel attempts pass exactly as often as sequential
// ones. The first try assumes that no item exists, which is the case without recent
// failures: then an attempt takes one write. Otherwise DynamoDB refuses the write and
// returns the item for the second try. A refused attempt writes nothing, so attempts
// during a wait do not extend it.
//
// # What a success resets
//
// Where one person has the secret and one secret is checked, a success resets all
// failures of the key, including failures of attempts in parallel. An attacker without
// the secret cannot cause a success. The owner's own success gives the attacker
// Policy.FreeFailures further guesses.
//
// An origin has many people and many secrets. An attacker with an account could sign in
// to it now and then, and go on guessing at other accounts. With
// Policy.KeepFailuresOnSuccess, a success therefore refunds its own attempt only.
//
// The key must belong to the owner of the secret, and a client must not be able to choose
// it. A PIN is counted for the device whose PIN is compared, never for an id from the
// request, because each new id would have free guesses. When a PIN is compared with the
// PINs of several devices, one of them may be the attacker's. The policy must then set
// KeepFailuresOnSuccess.
//
// docs/attempts.md has the policies, their effects, and how often the owner can still
// sign in during an attack.
package attempts
