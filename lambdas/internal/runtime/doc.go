// Package runtime runs declared functions in AWS Lambda.
//
// A domain's main package calls Start with its declarations. Lambda tells the
// process through _HANDLER which function it is; Start binds that function's
// service once, and then passes every request through the same steps, to be
// read top to bottom in Handler.serve: find the use case, authenticate the
// caller, decode, validate, run, encode. A failure of any step becomes an error
// body (package apierror) and one log line with the detail.
package runtime
