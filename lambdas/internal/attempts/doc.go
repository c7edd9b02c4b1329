// Package attempts limits how often a secret can be guessed: passwords, codes
// and PINs. A few failures cost nothing; each further one doubles the wait until
// the next attempt.
//
//	guess := attempts.Guess{Secret: attempts.Passwords, Account: account, Origin: origin}
//	err := l.attempts.Check(ctx, guess, func() (attempts.Verdict, error) {
//		issued, err = l.pool.SignIn(ctx, username, in.Password)
//		return verdictOf(err), err // Wrong, Right or Unspent
//	})
//
// Check returns a *LockedError, a 429 that says when, without looking at the secret.
//
// An attempt is counted as a failure before the secret is looked at, and given
// back afterwards if it was none. Were it counted afterwards, everything that is
// sent while the first check is under way would be let through.
//
// Every guess counts for an account and for the origin that it comes from: a count
// of accounts alone lets one origin try the codes of all of them, and a count of
// origins alone lets many origins try one account. Where the owner signed in from
// the origin lately, both counts are apart from those of strangers.
//
// The count is one item for each subject (tables.LoginAttempts). It is changed
// only on condition that nobody else has changed it meanwhile, so of parallel
// attempts exactly as many are let through as of those one after the other. The
// first try takes it that there is no item, as there is not for whoever has not
// failed lately: that is one write. Otherwise the refused write returns the item,
// and the second one knows. A refused attempt writes nothing, so asking again
// during a wait does not make it longer.
//
// # What a success forgives
//
// Where one person has the secret and one secret is checked, a success forgets
// all failures of the subject, including those that others have under way.
// Whoever guesses cannot bring that about, as it takes the secret; from the
// owner's own success they gain Policy.FreeFailures guesses.
//
// Where many people try many secrets, as from an address, whoever has an account
// of their own could succeed now and then and go on guessing at the accounts of
// others. There, where Policy.KeepFailuresOnSuccess is set, a success gives back its own attempt
// and nothing else.
//
// So the subject must be whose secret it is, and a client must not be able to
// choose it. A PIN is counted for the device whose PIN is compared, never for an
// id that the request makes up: each new id would come with free guesses. And if
// a request's PIN is compared with those of several devices, one of which may
// be the guesser's own, the policy must be Shared.
//
// docs/attempts.md has the policies, what they amount to, and what an attack
// leaves to the owner.
package attempts
