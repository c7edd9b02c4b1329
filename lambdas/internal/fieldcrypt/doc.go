// Package fieldcrypt stores fields of personal data encrypted, by envelope
// encryption, so that a repository says nothing but which item it stores.
//
// The type of an item says what is personal: its fields of type tables.EncryptedString.
// A Schema, planned once for each type, seals them on the way into DynamoDB and
// opens them on the way out:
//
//	users := fieldcrypt.NewSchema[tables.User](tables.Users)
//	keys := fieldcrypt.NewKeys(kms.NewFromConfig(cfg), keyARN, fieldcrypt.Options{})
//
//	key, err := keys.New(ctx, owner)               // a new user's data key
//	item, err := users.Marshal(key, user)          // sealed, ready for PutItem
//
//	key, err = keys.UnwrapFrom(ctx, owner, item)   // the stored key, from the cache or KMS
//	user, err = users.Unmarshal(key, item)         // clear
//	change, err := users.Update(key, before, user) // what differs, for UpdateItem
//
// Each user has one data key. KMS wraps it under the stage's field key with the
// encryption context {table, user}; the wrapped key is stored in the user's own
// item, so that deleting the item makes every field of that user unreadable,
// wherever else it is. A field is AES-256-GCM under a key derived from the data
// key, bound to its table, item and attribute, with a commitment to the key.
//
// docs/field-encryption.md has the format byte by byte, the attacks that it
// stops and those that it does not, and what a request costs.
package fieldcrypt
