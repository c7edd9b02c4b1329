// Package blindindex makes an encrypted value findable. A keyed hash of the
// normalised value is stored beside the ciphertext. A KMS HMAC key that never leaves
// KMS computes it. Equal values have equal hashes, so a look-up works. Without the
// key, an attacker can neither reverse a hash nor compare it with a list of likely
// addresses.
//
// A hash is HMAC-SHA-256 of a purpose, a colon and the normalised value, in unpadded
// base64url (43 characters). The purpose separates kinds: an e-mail address and a
// telephone number never have the same hash.
//
// The normalisation is part of the stored data. After a change of it, values with a
// different hash cannot be found.
//
// Package pseudonym is for values that are hashed at every attempt and expire soon.
// It does not call KMS each time.
package blindindex
