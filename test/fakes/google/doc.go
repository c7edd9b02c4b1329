// Package google is a stand-in for what a backend needs of Sign in with Google:
// ID tokens and the key set that verifies them
// (https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken).
package google
