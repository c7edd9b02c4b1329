// Package sealed reads and writes items of users whose fields of type
// tables.EncryptedString are sealed under the user's data key, as if there were
// nothing to seal:
//
//	goals := sealed.Open[tables.Goal](resources, tables.Goals)
//	goal, err := goals.Get(ctx, store.Key{userID, goalID})
//
// The partition key of such a table is the user's id. Permissions returns what a
// function declares for it: the operations on the table, and the user's data key.
//
// # Cost
//
// Each call reads the user's item in Users for the wrapped data key, at the same
// time as the items, and has KMS unwrap it unless it is cached (package fieldcrypt).
// The read is what makes a deleted account unreadable at once.
//
// # Consistency
//
// The app loads a list again right after it has changed one of its items. Get and
// Query of a table or of a local index are therefore consistent. A global index has
// eventual reads only: Query returns an error for one.
//
// # Errors
//
// Errors are those of package store, and accounts.ErrNotFound for a user without an
// account.
package sealed
