// Package lambdaruntime runs declared functions in AWS Lambda.
//
// A domain's main package calls Start with its declarations. Lambda tells the
// process through _HANDLER which function it is; Start binds that function's
// service once, and then passes every request through the same steps, to be
// read top to bottom in Handler.serve: find the route, authenticate the caller,
// check limits and revocations (package guard), decode and validate, run the use
// case (once, where the route is idempotent), encode. Other events than requests
// go to their reactions (Handler.Invoke).
//
// A failure of any step becomes an error body (package apierror) and one line of
// the log with the detail; one of ours is also reported (report.go). At the end of
// an invocation its metrics and spans are written, before Lambda may freeze the
// environment.
package lambdaruntime
