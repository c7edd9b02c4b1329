// Package securityevents records the acts that bear on the security of an
// account, for whoever looks into an attack or answers a user who asks "was that
// me?".
//
//	return &trust{events: securityevents.Open(env)}, nil
//
//	err := t.events.Record(ctx, securityevents.Event{
//		Kind: securityevents.DeviceTrusted, UserID: caller.UserID, DeviceID: in.DeviceID,
//	})
//
// An event says what happened to which account and when, in which request, from
// which address, on which kind of platform and, where there is one, on which
// device. Addresses, devices and names are pseudonyms: they answer "is this the
// same one?" and not "which one is this?". The User-Agent is reduced to its
// platform.
//
// Each event is also counted in a metric that is named for its kind, whether or not
// it can be written. So no kind is without a metric; alarms on them are declared in
// stacks/security_alarms.go, and docs/runbooks/security.md says what each kind is.
//
// # When an event cannot be written
//
// A table that is slow must not lock users out, so Record gives up after a second.
// What happens then depends on the kind:
//
//   - Most are recorded after the act, or with a refusal, and the request goes on:
//     the password is changed already, the sign-in is refused anyway, a device
//     must be revocable on every day. Saying that it failed would be false, and
//     would let whoever can hinder the log hinder the users. What is lost is logged
//     as an error, with the request's id.
//   - AccountLinked opens another way into an account, IdentityUnlinked is the act
//     of an operator, and both can be tried again at no loss. So each is recorded
//     before the act, and the act does not happen unrecorded: Record returns an
//     error.
//
// Callers need not know which kind is which: they return what Record returns.
//
// # Whose an event is
//
// The subject is the user's id wherever somebody has proven to be the user, so that
// one query finds all that the user did and the account's deletion erases it. A
// refused sign-in or code is kept under a pseudonym of the name that was typed,
// whether or not that has an account, and so are AccountDeleted and AccountExpired,
// which would otherwise be erased with the account or keep its id.
package securityevents
