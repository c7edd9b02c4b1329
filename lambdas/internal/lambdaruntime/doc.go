// Package lambdaruntime runs declared functions in AWS Lambda.
//
// A domain's main package calls Start with its declarations. Lambda names the
// function in _HANDLER. Start builds the function's service once, and then passes
// every request through the steps of Handler.serve:
//
//   - refuse a request that bypassed the stage's edge
//   - find the route and authenticate the caller
//   - check limits and revocations (package guard)
//   - decode and validate the request
//   - run the use case, once where the route is idempotent
//   - encode the response
//
// Other events go to their handlers (Handler.Invoke).
//
// A failure of any step becomes an error body (package apierror) and one line of the
// log with the details. A failure of the backend is also reported, through a queue
// (report.go). Reports, metrics and spans are sent at the end of an invocation, before
// Lambda may freeze the environment.
package lambdaruntime
