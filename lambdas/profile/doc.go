// Package profile is the domain of the data that users see and change about themselves. Each
// file with a route holds one function: its declaration and its use cases.
package profile
