// Package apierror holds the errors a use case may return to the client, and
// writes them in the two envelopes that the installed app reads.
//
// The app reads errors in two ways, depending on the path
// (docs/decisions/0008): below /auth/ a flat body whose "error" is a name, and
// elsewhere a body whose "error" is an object, except for 422 and 429, which
// must have no "error" key at all or the app discards the message. Every body
// carries requestId and timestamp.
//
// An error that is not an *Error is internal: the client gets a general 500 and
// the log gets the detail.
package apierror
