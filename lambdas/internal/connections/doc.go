// Package connections opens TLS connections before the first request needs them.
//
// The first TLS handshake of a process parses all root certificates, which takes 5
// to 13 ms of a whole processor. During its initialisation a function has one; in a
// request it has the part that its memory buys. The runtime opens a connection to
// each endpoint that a function's declaration leads to (function.Resources.Endpoints)
// while the function initialises; every transport of the process dials with
// DialTLS, which returns such a connection to the first that asks for it.
//
// No request is sent over a connection that is opened ahead: what an endpoint answers
// to one decides nothing, and one that cannot be reached costs nothing but the time
// that Open is given.
package connections
