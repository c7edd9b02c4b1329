// Package fakes holds what the stand-ins of external services have in common:
// faults that can be switched on, signing keys made at start, and serving on
// loopback.
//
// The fakes below this folder speak the wire format of the services they stand
// in for, and keep the promises our clients rely on. Tests start them with
// Serve; local/cmd/fakes serves all of them on one port, beside a local stage.
package fakes
