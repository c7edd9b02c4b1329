// Package fieldcrypt stores fields of personal data with envelope encryption. A
// stored item reveals which item it is, and none of its personal data.
//
// The type of an item marks personal fields with the type tables.EncryptedString. A
// Schema is planned once for each type. It seals these fields on the way into
// DynamoDB and opens them on the way out:
//
//	users := fieldcrypt.NewSchema[tables.User](tables.Users)
//	keys := fieldcrypt.NewKeys(kms.NewFromConfig(cfg), keyARN, fieldcrypt.Options{})
//
//	key, err := keys.New(ctx, owner)               // a new user's data key
//	item, err := users.Marshal(key, user)          // sealed, ready for PutItem
//
//	key, err = keys.UnwrapFrom(ctx, owner, item)   // the stored key, from the cache or KMS
//	user, err = users.Unmarshal(key, item)         // decrypted
//	change, err := users.Update(key, before, user) // the differences, for UpdateItem
//
// Each user has one data key. KMS wraps it under the stage's field key with the
// encryption context {table, user}. The wrapped key is stored in the user's own item,
// so deleting that item makes every sealed field of the user unreadable in all
// tables. A field is encrypted with AES-256-GCM under a key derived from the data
// key. It is bound to its table, item and attribute, and has a commitment to the key.
//
// docs/field-encryption.md has the format byte by byte, the attacks that it stops and
// the attacks that it does not stop, and the costs of a request.
package fieldcrypt
