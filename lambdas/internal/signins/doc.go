// Package signins records successful sign-ins: the sessions of a user, and the
// origins of the sign-ins.
//
//	recorded, err := a.signIns.Record(ctx, session)
//
// The backend records a sign-in when it issues tokens, so a client can neither skip a
// record nor change its content.
//
// A sign-in makes its origin known for 30 days. Guesses from a known origin are
// counted separately from guesses of strangers (package attempts). A sign-in makes
// its network and platform known for 90 days. A sign-in from another network or
// platform sends the owner an e-mail, at most three a day. The first sign-in of an
// account sends none.
//
// It also makes its country known for 90 days, as the edge says. A country sends no
// e-mail: it is a signal for the risk of the sign-in (package securityevents).
//
// An origin is one IP address, because neighbours must not share it. A network is
// larger, because mobile carriers change the IP address within it. The platform comes
// from the User-Agent, so it informs the owner and protects against nothing.
package signins
