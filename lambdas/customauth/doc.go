// Package customauth is the domain of sign-in tickets (lambdas/internal/signinticket):
// the user pool's triggers that accept a ticket in place of a password (challenge.go), and
// the rotation of the secret that tickets are signed with (rotation.go). Nothing
// here has a route.
//
// The user pool names these functions, so they are built in its stack
// (docs/decisions/0013).
package customauth
