// Package awsfake has in-memory fakes of AWS clients for unit tests. They have the
// properties that the code relies on, and no others. A wrapped key opens in its
// encryption context only, and equal messages have equal MACs. The end-to-end tests
// use an engine that implements the services.
package awsfake
