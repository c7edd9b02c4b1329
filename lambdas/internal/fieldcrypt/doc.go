// Package fieldcrypt encrypts fields of personal data by envelope encryption.
//
// Each user has one data key. KMS wraps it under the stage's field key with the
// encryption context {table, user}; the wrapped key is stored beside the data,
// so that deleting it makes every field of that user unreadable. A field is
// AES-256-GCM under the data key with a random 96-bit nonce, and its additional
// data binds it to table, user and field: a ciphertext moved to another place
// does not open.
//
// A sealed field is: one byte version (1), 12 bytes nonce, then ciphertext and
// 16 bytes tag. The additional data is the version followed by table, user and
// field, each preceded by its length as a big-endian uint32, so that no two
// places share an encoding.
package fieldcrypt
