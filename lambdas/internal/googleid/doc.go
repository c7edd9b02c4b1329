// Package googleid verifies the ID tokens of Sign in with Google
// (https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken).
//
// A use case declares the part that it needs, so its test needs no Google:
//
//	type google interface {
//		Verify(ctx context.Context, idToken string) (googleid.Identity, error)
//	}
//
// Google verifies an address once, when the user adds it to a Google Account. Google
// is authoritative only for addresses that it hosts (Identity.Authoritative).
// Fetching the key set has the limits of package external and the breaker "google".
// Package idtoken caches the set.
package googleid
