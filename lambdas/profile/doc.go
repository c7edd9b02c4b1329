// Package profile is the domain of what users see and change of themselves. Each
// file with a route holds one function: its declaration and its use cases.
package profile
