// Package categoryrules remembers what a user always wants for the transactions of a
// merchant: a category, or that they are left out of spending.
//
//	err := rules.Learn(ctx, userID, categoryrules.Category("groceries"), transaction.MerchantHash)
//	all, err := rules.All(ctx, userID)
//	all.Apply(&transaction)
//
// A rule is learnt when the user gives several transactions of a merchant a category at
// once, edits the category of one, or leaves a merchant out. It is kept under the keyed
// hash of the merchant, and the last choice counts. Rules are applied to imported rows
// and to new transactions. They never change a transaction that exists: the app asks its
// user before it does that.
package categoryrules
