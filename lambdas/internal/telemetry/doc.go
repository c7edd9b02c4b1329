// Package telemetry is what a function says about itself: its log, its metrics
// and its traces.
//
// The log is one JSON object a line, written by a handler that redacts: no
// token and nothing that identifies a person gets out, whether it arrives under
// a name that gives it away, inside a group or a struct, or in the middle of an
// error's text. docs/telemetry.md says what is redacted, what each line and
// metric means, and what the measurements cost.
//
// Nothing happens at package initialisation: what an environment does not use
// costs its cold start nothing.
package telemetry
