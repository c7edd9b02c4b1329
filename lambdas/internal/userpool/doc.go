// Package userpool is the adapter to the stage's Cognito user pool. It is the only
// package of the backend that calls Cognito.
//
// A [Pool] signs users up and in, refreshes tokens, sends codes, and administers users.
// Each method makes the calls of Cognito that its comment names, and maps the
// exceptions of Cognito to the errors of this package. Those errors are responses of
// the API (package apierror); an exception that a method does not expect is an internal
// error.
//
// A function opens the pool by what it declares:
//
//   - [OpenClient] for UserPoolClient,
//   - [OpenAdmin] for operations of UserPool,
//   - [Open] for both,
//   - [OpenWithTickets] for both and the secret of sign-in tickets.
package userpool
