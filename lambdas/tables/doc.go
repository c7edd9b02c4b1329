// Package tables declares every DynamoDB table of the backend once: its keys,
// its time-to-live attribute, the class of data it holds, and the Go type of
// its items.
//
// The stacks build the tables from these values, functions name them in their
// rights (see package function), and repositories read and write the item
// types. A table that is not in All does not exist.
package tables
