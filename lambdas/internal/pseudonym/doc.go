// Package pseudonym gives identifiers names that can be compared and not read:
// the usernames, addresses and devices by which attempts are counted and security
// events are kept.
//
//	func newLogin(env *function.Resources) (*login, error) {
//		return &login{names: pseudonym.Open(env)}, nil
//	}
//
//	account, err := l.names.Username(ctx, in.Username)
//
// A pseudonym is HMAC-SHA-256 in unpadded base64url (43 characters), under a key
// that KMS derives: its HMAC of a constant label. An environment asks KMS once,
// when it makes its first pseudonym, and keeps the key in memory. What is hashed
// is the kind of identifier and its parts, each preceded by its length, so that
// no two kinds and no two ways of splitting a text share a pseudonym.
//
// # Here or blindindex
//
// Package blindindex asks KMS for every hash, and its key never leaves KMS.
// Whoever reads the memory of a function that uses pseudonyms can go on trying
// out names at home, until the label changes. So:
//
//   - what finds an account and is stored as long as one, such as the hash of an
//     e-mail address, is a blindindex: a few look-ups in an account's life;
//   - what is made at every attempt and forgotten within days or months, such as
//     a counter's or an event's subject, is a pseudonym: no round trip to KMS and
//     none of its charge for each (https://aws.amazon.com/kms/pricing/).
//
// Both use the same KMS key, and blindindex never hashes the label.
//
// # What may change
//
// A pseudonym is stored, so how identifiers are normalised, encoded and hashed
// can change only with the label: then every pseudonym does, attempts are counted
// from zero, and older events no longer match newer ones.
package pseudonym
