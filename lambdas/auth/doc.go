// Package auth is the domain of accounts: registration, sign-in, tokens and the
// profile. Each file with a route holds one function: its declaration and its
// use cases. Accounts and e-mail claims are kept by the repositories in
// accounts.go and emails.go, passwords and tokens by Cognito (userpool.go).
package auth
