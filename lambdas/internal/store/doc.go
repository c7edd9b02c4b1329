// Package store reads and writes the items of a DynamoDB table as values of a Go type.
//
//	users := store.Open[tables.User](resources, tables.Users)
//	user, err := users.Get(ctx, store.Key{userID}, store.Consistent)
//
// A fieldcrypt.Schema encodes items with personal fields. A Table[SealedItem] stores the
// result.
//
// The file errors.go explains the errors: ErrNotFound, ErrConditionFailed, ErrConflict,
// ErrNoCapacity, ErrTooLarge and ErrBadCursor. Every other error is an error of DynamoDB.
//
// # Writes that may be sent twice
//
// The SDK repeats a request whose response was lost. The write may therefore happen
// twice, or its own first attempt may make its condition fail. Create, Put and Delete
// leave the same item either way, and so does an Update that sets values. An Update that
// counts (ADD) must be in a transaction, because DynamoDB recognises a repeated
// transaction. Replace and Modify recognise their own writes by the version.
//
// # Optimistic locking
//
// Modify and Replace change items of a type with the field
//
//	Version string `dynamodbav:"version"`
//
// They write only if the item still has the version that was read. A version is a new
// random text at each write, so two writers never take each other's write for their own.
//
// # Pages
//
// Query returns as many items as requested, over as many of DynamoDB's pages as needed,
// and a cursor for the next page. The cursor contains the key of the last item, as
// base64url of JSON. It is valid for the same table, index and partition, and within the
// requested range of sort keys. With the user's id as the partition, one user's cursor is
// invalid for another user. A cursor is not signed, because a forged one only chooses
// where to start in the client's own partition.
package store
