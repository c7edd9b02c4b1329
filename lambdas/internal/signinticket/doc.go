// Package signinticket makes and checks the tickets that let the backend sign a
// user in without a password, once another proof has been checked: an identity
// token of Apple or Google.
//
// Cognito gives tokens for a custom challenge, and anybody who knows the app
// client's id can ask to be challenged. The ticket is the answer that only the
// backend can give:
//
//	backend    AdminInitiateAuth CUSTOM_AUTH for the user
//	trigger    NewNonce, as a public and a private challenge parameter
//	backend    Issue(ctx, username, nonce), with the nonce that came back
//	backend    AdminRespondToAuthChallenge with the ticket
//	trigger    Check(ctx, ticket, username, nonce), with the private parameter
//
// A ticket is an HS256 JWT (RFC 7519) under the secret "jwt". It is for one user
// and one challenge, whose nonce Cognito keeps and whose session takes one answer:
// so a ticket is good once, and for Life at most. Issuer and audience are fixed,
// so that nothing else that is signed with the secret is a ticket.
//
// The secret rotates, and environments notice up to 5.5 minutes later (package
// secretcache). Check therefore takes what is signed with the previous secret for
// as long as an environment may still sign with it, and reads the secret again
// when a signature looks newer than its own.
package signinticket
