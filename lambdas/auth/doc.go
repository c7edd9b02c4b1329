// Package auth is the domain of accounts: registration, sign-in and tokens. Each
// file with a route holds one function: its declaration and its use cases.
// Package accounts keeps accounts. Cognito keeps passwords and issues tokens (package
// userpool).
package auth
