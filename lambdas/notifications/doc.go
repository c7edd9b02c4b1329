// Package notifications is the domain of notifications. Each file with an event holds
// one function: its declaration and its use cases.
//
// A notification is stored without a text. Its title is composed when it is shown, from
// the item that it is about: so a goal that is renamed is named right, and one that is
// deleted leaves no words behind.
package notifications
