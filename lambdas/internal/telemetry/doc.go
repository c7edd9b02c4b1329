// Package telemetry has the log, the metrics and the traces of a function.
//
// The log has one JSON object a line. Its handler redacts tokens and everything that
// identifies a person: under a revealing name, inside a group or a struct, and in the
// middle of an error's text. docs/telemetry.md says what is redacted, what each line
// and metric means, and what the measurements cost.
//
// Package initialisation does no work, so a cold start pays only for what it uses.
package telemetry
