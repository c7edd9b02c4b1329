// Package pretokengeneration is the domain of what the user pool writes into tokens
// (scope.go). It has no route.
//
// The user pool names its function, so it is built in its stack
// (docs/decisions/0017).
package pretokengeneration
