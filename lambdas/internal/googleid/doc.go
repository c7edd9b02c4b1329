// Package googleid verifies the ID tokens of Sign in with Google
// (https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken).
//
// A use case declares the part it needs, so that its test needs no Google:
//
//	type google interface {
//		Verify(ctx context.Context, idToken string) (googleid.Identity, error)
//	}
//
// The claim "hd" is not read: which organisation hosts an account decides
// nothing here. Fetching the key set has the limits of package outside and the
// breaker "google"; the set is cached (package idtoken).
package googleid
