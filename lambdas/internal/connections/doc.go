// Package connections opens TLS connections before the first request needs them.
//
// The first TLS handshake of a process parses all root certificates, which takes 5 to
// 13 ms of a whole processor. A function has a whole processor during its
// initialisation. During a request it has the share that its memory buys. While the
// function initialises, the runtime opens a connection to each endpoint that its
// declaration needs (function.Resources.Endpoints). Every transport of the process
// dials with DialTLS, which gives such a connection to the first request for the
// endpoint.
//
// No request is sent over a connection while it is opened. An endpoint that cannot be
// reached costs only the time that Open has.
package connections
