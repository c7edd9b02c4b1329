// Package errorreport makes reports of failures of a function: every response of 500 and
// above, and panics with the stack of the call that panicked (telemetry.Recovered keeps
// it). The runtime puts them on the queue function.ErrorReports.
//
// A report says what failed and where, and nothing about the affected user. Every text
// goes through telemetry.RedactText before the report leaves the function, and a report
// has no field for a request, a user or the machine. docs/telemetry.md lists what it has.
//
// A report is at most 24 KiB, and a Limiter bounds how many an environment makes.
package errorreport
