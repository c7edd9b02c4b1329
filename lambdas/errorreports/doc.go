// Package errorreports is the domain of the error reports: one function that receives
// what all functions report, and the only one that calls Sentry.
//
// A report that Sentry does not take comes again, for most of a day, and then waits in
// the dead letters. The function's own failures are in its log and are not reported:
// each would cause the next. The alarms of its queue tell of them
// (docs/runbooks/error-reports.md).
package errorreports
