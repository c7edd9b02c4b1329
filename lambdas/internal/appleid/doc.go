// Package appleid is the client of Sign in with Apple
// (https://developer.apple.com/documentation/signinwithapplerestapi): it verifies
// identity tokens, exchanges authorization codes, and revokes tokens when an
// account is deleted.
//
// A use case declares the part it needs, so that its test needs no Apple:
//
//	type apple interface {
//		Verify(ctx context.Context, identityToken, nonce string) (appleid.Identity, error)
//		Exchange(ctx context.Context, clientID, code string) (appleid.Tokens, error)
//	}
//
// All calls have the limits of package external and share the breaker "apple".
// The key set is cached (package idtoken), so that a sign-in in a warm
// environment asks Apple only for the exchange.
package appleid
