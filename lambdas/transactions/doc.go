// Package transactions is the domain of users' bank transactions and of the legacy
// expenses, which are transactions too. Each file with a route or an event holds one
// function: its declaration and its use cases.
//
// Package transactionstore stores transactions with the figures of their months. The
// types of requests and responses, and what the app means by them, are here
// (docs/transactions.md).
package transactions
