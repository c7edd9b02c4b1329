// Package signins keeps what successful sign-ins tell: the sessions of a user, and
// where the user signs in from.
//
//	alert, err := a.signIns.Record(ctx, session)
//
// The backend writes it when it issues tokens, so no client can leave a sign-in out
// or choose how it is described.
//
// A sign-in makes its origin known for 30 days: guesses from a known origin are
// counted apart from those of strangers (package attempts). It makes its network
// and platform known for 90 days: a sign-in from another network or platform is
// worth an e-mail, at most three a day. The first sign-in of an account is not.
//
// The origin is one address, because neighbours should not share it. The network is
// wider, because mobile carriers change addresses within it. The platform is what
// the User-Agent says, so it tells the owner something and protects against nothing.
package signins
