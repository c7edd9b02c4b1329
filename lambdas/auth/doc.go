// Package auth is the domain of accounts: registration, sign-in and tokens. Each
// file with a route holds one function: its declaration and its use cases.
// Accounts are kept by package accounts, passwords and tokens by Cognito
// (userpool.go).
package auth
