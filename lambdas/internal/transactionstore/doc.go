// Package transactionstore stores users' transactions, and keeps what they add up to in
// each month.
//
//	results, err := transactions.Apply(ctx, userID, []transactionstore.Change{
//		transactionstore.Create(made),
//		transactionstore.Edit(id, func(t *transactionstore.Transaction) error { t.Category = "groceries"; return nil }),
//		transactionstore.Delete(other),
//	})
//	page, err := transactions.List(ctx, userID, transactionstore.Filter{From: "2026-07-01", To: "2026-07-31"}, 50, "")
//	months, err := transactions.Months(ctx, userID, "2026-01", "2026-12")
//
// # Figures
//
// Apply writes a transaction and the figures of its month in one transaction of DynamoDB.
// No total reads the history: Months reads one small item for each month, whatever number
// of transactions it counts. Repair counts again and compares.
//
// # Exactly once
//
// Create does nothing when there is a transaction with its id, or was one that came by an
// import. An import makes ids of the content of its rows, so repeating a part or all of
// it adds nothing. Edit is called with the transaction as it is stored, and again when
// another request came between. After an error, the same changes can be applied again.
//
// # What is readable
//
// Texts are sealed under the user's data key. The index by merchant and TextHash have
// keyed hashes, which end with that key. Amounts, days, canonical categories and the
// source are readable to functions with rights to the table: budgets, alerts and Repair
// add them up without the right to read a text. Canonical codes come from a list, so a
// category that a user made up is never a code: check refuses it.
//
// docs/transactions.md has the calls and the capacity of each operation.
package transactionstore
