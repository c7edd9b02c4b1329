// Package idtoken verifies the ID tokens of OpenID Connect providers, for packages
// appleid and googleid.
//
// A valid token is signed with RS256 by a key that the provider publishes. Its issuer
// is the provider, its only audience is one of the app's clients, and it has a
// subject, an issue time and a later expiry. Apple and Google sign with RS256 only
// (https://appleid.apple.com/.well-known/openid-configuration,
// https://accounts.google.com/.well-known/openid-configuration). A token with another
// algorithm is refused before any key is looked up.
//
// The library keyfunc parses the keys, and this package caches them. keyfunc's own
// HTTP storage would fetch keys at start, refresh them in a goroutine that Lambda
// freezes, and drop the whole set for one key of an unknown type.
package idtoken
