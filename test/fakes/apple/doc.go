// Package apple is a stand-in for the REST API of Sign in with Apple: the key
// set, the exchange of authorization codes, and the revocation of tokens
// (https://developer.apple.com/documentation/signinwithapplerestapi). It checks
// the client secret as Apple does, by its ES256 signature and its claims.
package apple
