// Package awsfake holds small in-memory stand-ins for the AWS clients, for unit
// tests. They keep the promises the code relies on (a wrapped key opens only in
// its encryption context, equal messages have equal MACs) and nothing else; the
// end-to-end tests run against an engine that implements the services.
package awsfake
