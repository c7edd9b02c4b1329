// Package edge stands in for CloudFront in front of an HTTP API that is deployed
// to the local engine: one base URL, paths from the root, for any HTTP client.
//
// Towards the API it is what a distribution is: it replaces X-Forwarded-For by
// the address the request really came from, sets X-Forwarded-Host and
// X-Forwarded-Proto, and passes methods, paths, queries, bodies and statuses on
// untouched. When the engine is gone it answers 502, when it does not answer in
// time 504, with a JSON body.
package edge
