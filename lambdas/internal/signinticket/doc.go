// Package signinticket issues and checks the tickets with which the backend signs a user in
// without a password, after it has checked another proof: an identity token of Apple or
// Google.
//
// Cognito issues tokens for a custom challenge, and every client that knows the app client's
// id can request a challenge. Only the backend can answer it, with a ticket:
//
//	backend    AdminInitiateAuth CUSTOM_AUTH for the user
//	trigger    NewNonce, as a public and a private challenge parameter
//	backend    Issue(ctx, username, nonce), with the nonce that came back
//	backend    AdminRespondToAuthChallenge with the ticket
//	trigger    Check(ctx, ticket, username, nonce), with the private parameter
//
// A ticket is an HS256 JWT (RFC 7519) under the secret "jwt". It is for one user and one
// challenge. Cognito keeps the challenge's nonce and accepts one answer in its session, so a
// ticket works once, and within Lifetime. Issuer and audience are fixed, so other texts that
// the secret signs are not valid tickets.
//
// The secret rotates, and environments notice up to 5.5 minutes later (package secretcache).
// Check therefore accepts signatures of the previous secret for as long as an environment
// may still use it. When a signature may be of a newer secret, Check reads the secret again.
package signinticket
