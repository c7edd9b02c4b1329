// Package pseudonym replaces identifiers with names that can be compared and not reversed:
// usernames, IP addresses and devices in the counts of attempts and in security events.
//
//	func newLogin(resources *function.Resources) (*login, error) {
//		return &login{names: pseudonym.Open(resources)}, nil
//	}
//
//	account, err := l.names.Username(ctx, in.Username)
//
// A pseudonym is HMAC-SHA-256 in unpadded base64url (43 characters), under a key that KMS
// derives: its HMAC of a constant label. An environment calls KMS once, for its first
// pseudonym, and keeps the key in memory. The message is the kind of identifier and its
// parts, each preceded by its length. So different kinds, and different ways to split a
// text, have different pseudonyms.
//
// # Choosing between pseudonym and blindindex
//
// Package blindindex calls KMS for every hash, and its key never leaves KMS. An attacker who
// reads the memory of a function with pseudonyms can test names off line, until the label
// changes. So:
//
//   - Use blindindex for values that find an account and are stored as long as the account,
//     such as the hash of an e-mail address. An account has few look-ups in its life.
//   - Use pseudonyms for values that are made at every attempt and expire within days or
//     months, such as the subject of a count or an event. They need no call of KMS, and no
//     charge, for each (https://aws.amazon.com/kms/pricing/).
//
// Both use the same KMS key, and blindindex never hashes the label.
//
// # Changes
//
// Pseudonyms are stored. A change of the normalisation, the encoding or the hash therefore
// needs a new label. With a new label every pseudonym changes: attempts are counted from
// zero, and older events no longer match newer ones.
package pseudonym
