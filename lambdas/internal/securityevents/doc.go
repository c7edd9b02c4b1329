// Package securityevents records events that affect the security of an account. Operators
// use them to investigate an attack, and to answer a user who asks "was that me?".
//
//	return &trust{events: securityevents.Open(resources)}, nil
//
//	err := t.events.Record(ctx, securityevents.Event{
//		Kind: securityevents.DeviceTrusted, UserID: caller.UserID, DeviceID: in.DeviceID,
//	})
//
// An event has its kind, account, time, request, source IP, platform and, where there is
// one, device. IP addresses, devices and names are pseudonyms: they can be compared and not
// reversed. Of the User-Agent, only the platform is stored.
//
// An event also has its country, as the edge says, a risk score from 0 to 100 by the rules
// in risk.go, and what the backend did about it. An event of high risk is recorded again
// as SuspiciousActivity.
//
// Each event is also counted in a metric with the name of its kind, even when the write
// fails. So every kind has a metric. stacks/security_alarms.go declares alarms on them, and
// docs/runbooks/security.md explains each kind.
//
// # When an event cannot be written
//
// A slow table must not lock users out, so Record gives up after a second. The result
// depends on the kind:
//
//   - Most kinds are recorded after the operation, or with a refusal, and the request goes
//     on. The password has been changed already, the sign-in is refused anyway, and users
//     must always be able to revoke a device. An error would be false. It would also let an
//     attacker who can block the log block the users. The lost event is logged as an error,
//     with the request's id.
//   - AccountLinked opens another way into an account, and IdentityUnlinked is the operation
//     of an operator. Both can be repeated later without loss. So each is recorded before
//     the operation, which must not happen unrecorded: Record returns an error.
//
// Callers handle both in the same way: they return the error of Record.
//
// # The subject of an event
//
// The subject is the user's id where the client has proved to be the user. One query then
// finds all events of a user, and the account's deletion erases them. The subject of a
// refused sign-in or code is a pseudonym of the name that the client sent, whether or not it
// has an account. So is the subject of AccountDeleted and AccountExpired, which would
// otherwise be erased with the account or keep its id.
package securityevents
