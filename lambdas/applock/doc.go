// Package applock is the domain of the app lock: the PINs of a user's devices, and
// the preferences of the account. pin.go and preferences.go hold one function each:
// its declaration and its use cases; guesses.go says how often a PIN may be tried,
// and settings.go keeps what is stored. docs/app-lock.md has the decisions.
package applock
