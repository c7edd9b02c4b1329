// Command fakes serves stand-ins of all external services (test/fakes) on one
// loopback port. The stage starts it by itself; by hand it is
//
//	go run ./local/cmd/fakes -listen 127.0.0.1:8091
//
// The services are below /openai, /revenuecat, /apple, /google and /sentry. What
// the stage and tests need beside the services' own endpoints is below /-/:
//
//	GET  /-/services                         the base URL of each service
//	GET  /-/secrets                          the secrets that they accept, by name
//	PUT  /-/faults/{service}?fault=hanging   the fault from now on; empty ends it
//	POST /-/apple/sign-in?subject=001        {"identityToken", "authorizationCode"}
//	GET  /-/apple/revoked                    the tokens that were revoked
//	POST /-/google/sign-in?subject=108       {"idToken"}
//	GET  /-/sentry/events                    the events that arrived, as JSON
//	PUT  /-/openai/answer                    what the model says: {"Text": "…"}
//	PUT  /-/revenuecat/customers             a customer, as in package revenuecat
//
// The body of sign-in, when there is one, is a JSON object of claims to change.
// Keys are made at each start.
package main
