// Package imports stores the rows of files as transactions, each row once.
//
//	plan, err := importer.Plan(ctx, userID, file)                  // what is new
//	written, err := importer.Write(ctx, userID, plan.New, until)   // as much as the time allows
//	err = importer.LinkTransfers(ctx, userID, plan.From, plan.To)
//
// The id of a transaction is made of the identity of its row (package importidentity), and
// a creation does nothing where there is or was a transaction with the id. So each step
// may be done again, in part or as a whole, with the same end. docs/imports.md has the
// rules.
package imports
