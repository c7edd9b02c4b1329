// Package devices is the domain of the devices that users sign in on. Each file
// with a route holds one function: its declaration and its use cases.
//
// The app invents a device's id and sends it with each request, so the id proves
// nothing and may be the id of another user's device. An id is looked up among the
// caller's own devices only, and an unknown id is a 404.
//
// # Devices and sessions
//
// A device has one session, the sign-in in which it registered last. Revoking the
// device ends that session: its access tokens at once, and its refresh token for
// as long as it would live (package guard). A session also ends when its device
// registers in another session, and when its device is removed for a new device.
// Otherwise the session could not be revoked any more.
//
// The PIN of a removed device is deleted with its entry, in one transaction: the app
// lock accepts each PIN of a user on all devices of the user, so the PIN of a lost
// phone must go (docs/app-lock.md).
//
// A session in which no device registered is listed as a device of its own: the
// sign-in itself records it (package signins), so no client can leave it out. It can
// be revoked, and neither trusted nor marked.
//
// A user has at most twenty devices. One more replaces the untrusted device that was
// used longest ago. With twenty trusted devices, the response is an error that asks
// the user to revoke one. A reinstalled app is a new device; twenty are more than a
// user needs.
//
// The app also sends its fingerprint and an e-mail address. Both are ignored.
package devices
