// Package blindindex makes an encrypted value findable: a keyed hash of the
// normalised value, computed by a KMS HMAC key that never leaves KMS, stands
// beside the ciphertext. Equal values have equal hashes, so a lookup works;
// without the key a hash can neither be reversed nor tried out against a list
// of likely addresses.
package blindindex
