// Package store reads and writes the items of one DynamoDB table as values of
// one Go type.
//
//	users := store.Open[tables.User](env, tables.Users)
//	user, err := users.Get(ctx, store.Key{userID}, store.Consistent)
//
// Items with personal fields are encoded by a fieldcrypt.Schema; a Table[Item]
// stores what the schema returns.
//
// What the errors mean is in errors.go: ErrNotFound, ErrConditionFailed,
// ErrConflict, ErrNoCapacity, ErrTooLarge, ErrBadCursor. Every other error is
// DynamoDB's own.
//
// # Writes that may be sent twice
//
// The SDK repeats a request whose answer was lost, so a write may happen and then
// be refused by its own condition, or happen twice. Create, Put and Delete leave
// the same item either way. Update does too if it sets values; one that counts
// (ADD) must be in a transaction, which DynamoDB recognises when it is repeated.
// Replace and Modify recognise their own writes by the version they gave them.
//
// # Optimistic locking
//
// An item type with the field
//
//	Version string `dynamodbav:"version"`
//
// can be changed by Modify and Replace: they write only if nobody else wrote
// since the item was read. The version is a new random text at each write, not a
// count, so that two writers can never take each other's write for their own.
//
// # Pages
//
// Query returns as many items as were asked for, over as many of DynamoDB's
// pages as that takes, and a cursor for the next page. The cursor holds the key
// of the last item, as base64url of JSON. It is good for the same table, index
// and partition only, and where DynamoDB takes it within the range of sort keys that
// is asked for: with the user's id as the partition, one user's cursor is nothing
// to another. It is not signed, because it gives nothing that the query
// would not give: whoever makes one up chooses where in their own partition to
// start.
package store
