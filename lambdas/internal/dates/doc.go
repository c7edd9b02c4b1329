// Package dates has the forms of dates in requests and responses, once for all domains.
//
// A request's field has the rule "instant", "day" or "month" in its `validate` tag
// (package validation), which is IsInstant, IsDay or IsMonth here. A response's field of
// the contract's format "date-time" is an Instant, one of the format "date" a Day: a test
// of package lambdas refuses other types.
package dates
