// Package transactions is the domain of users' bank transactions. Each file with a
// route holds one function: its declaration and its use cases.
package transactions
