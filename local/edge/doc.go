// Package edge stands in for CloudFront in front of an HTTP API that is deployed
// to the local engine: one base URL, paths from the root, for any HTTP client.
//
// Like a distribution, the edge sets X-Forwarded-For to the source IP of the
// connection, sets X-Forwarded-Host and X-Forwarded-Proto, and forwards methods,
// paths, queries, bodies and statuses unchanged. It answers 502 when the engine does
// not run and 504 when the engine does not answer in time, each with a JSON body.
//
// With a Distribution, read from a template, the edge also evaluates the distribution's
// web ACL (package webacl), runs its functions and adds its response headers. The API
// then sees the connection of OriginAddress, and X-Forwarded-For begins as the client
// sent it. Nothing is cached. TLS, compression and access logs are left to CloudFront.
package edge
