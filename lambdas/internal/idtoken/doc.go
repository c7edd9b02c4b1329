// Package idtoken verifies the ID tokens of OpenID Connect providers, for the
// clients of the providers (packages appleid and googleid).
//
// A token is accepted when its RS256 signature is by a key the provider
// publishes, its issuer is the provider's, its only audience is one of ours, and
// it has a subject, was issued and has not expired. RS256 is all that Apple and
// Google sign with (https://appleid.apple.com/.well-known/openid-configuration,
// https://accounts.google.com/.well-known/openid-configuration); a token that
// names another algorithm is refused before any key is looked up.
//
// The keys are parsed by keyfunc and cached here and not by its HTTP storage,
// which would fetch at start, refresh in a goroutine that Lambda freezes, and
// drop the whole set for one key of an unknown type.
package idtoken
