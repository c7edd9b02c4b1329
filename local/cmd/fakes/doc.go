// Command fakes serves stand-ins of all external services (test/fakes) on one
// loopback port. The stage starts it. To start it by hand:
//
//	go run ./local/cmd/fakes -listen 127.0.0.1:8091
//
// The services are below /openai, /revenuecat, /apple, /google, /expo and /sentry. The
// control endpoints for the stage and for tests are below /-/:
//
//	GET  /-/services                         the base URL of each service
//	GET  /-/secrets                          the keys that they accept, by secret
//	PUT  /-/faults/{service}?fault=hanging   set a fault; an empty fault clears it
//	POST /-/apple/sign-in?subject=001        {"identityToken", "authorizationCode"}
//	GET  /-/apple/revoked                    the revoked tokens
//	POST /-/google/sign-in?subject=108       {"idToken"}
//	GET  /-/sentry/events                    the received events, as JSON
//	PUT  /-/openai/answer                    the model's answer: {"Text": "…"}
//	GET  /-/openai/requests                  the received requests, as JSON
//	PUT  /-/openai/keys                      the accepted API keys, as a list
//	PUT  /-/revenuecat/customers             a customer, as in package revenuecat
//	GET  /-/expo/messages                    the push notifications that were taken
//	PUT  /-/expo/uninstalled?token=…         make a push token dead for Apple and Google
//
// The optional body of sign-in is a JSON object of claims to change. Each start
// generates new keys.
package main
