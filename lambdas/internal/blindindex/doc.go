// Package blindindex makes an encrypted value findable: a keyed hash of the
// normalised value, computed by a KMS HMAC key that never leaves KMS, stands
// beside the ciphertext. Equal values have equal hashes, so a lookup works;
// without the key a hash can neither be reversed nor tried out against a list
// of likely addresses.
//
// A hash is HMAC-SHA-256 of a purpose, a colon and the normalised value, in
// unpadded base64url (43 characters). The purpose keeps kinds apart: an e-mail
// address and a telephone number never share a hash, whatever their text.
//
// How a value is normalised is part of the stored data: a change of it loses
// every value that it hashes differently.
//
// What is hashed at every attempt and soon forgotten is for package pseudonym,
// which does not ask KMS each time.
package blindindex
