// Package apierror has the errors that a use case may return to the client. It writes
// them in the two forms that the installed app reads, which depend on the path
// (docs/decisions/0008). Below /auth/ the body is flat and its "error" is a name.
// Elsewhere "error" is an object, except for 422 and 429. These two must have no
// "error" key, because the app would otherwise discard the message. Every body has
// requestId and timestamp.
//
// An error that is not an *Error is internal: the client gets a general 500, and the
// log gets the details.
package apierror
