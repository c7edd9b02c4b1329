// Package devices is the domain of the devices that users sign in on. Each file
// with a route holds one function: its declaration and its use cases.
//
// The app makes a device's id up and sends it with everything, so the id proves
// nothing and may be another user's: a device is always that of the caller who
// names it, and one that the caller does not have is a 404, whoever has it.
//
// # Devices and sessions
//
// A device has one session, the sign-in in which it registered last. Revoking the
// device ends that session: its access tokens at once, and its refresh token for
// as long as it would live (package guard). So that nothing of a device outlives
// its revocation, a session also ends when nothing leads to it any more: when the
// device registers in another, and when the device gives way to another.
//
// The PIN of a device that is removed goes with its entry, in one transaction: the
// app lock takes any PIN of its user at each device, so that of a lost phone must
// not stay (docs/app-lock.md).
//
// A session in which no device registered is listed as a device of its own: the
// sign-in itself enters it (package signins), so no client can leave it out. It can
// be revoked, and neither trusted nor marked.
//
// A user has at most twenty devices. For one more, that of those not trusted gives
// way which was seen last the longest ago; twenty trusted ones are an error that
// tells the user to revoke one. The app reinstalled is a new device, and twenty
// are more than anybody uses.
//
// What the app sends of itself beyond that, its fingerprint and an e-mail address,
// is neither needed nor kept.
package devices
