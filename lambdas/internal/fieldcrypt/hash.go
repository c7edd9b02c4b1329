package fieldcrypt

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// hashSize is the size of a keyed hash in bytes. Two texts of one user have the same
// 128 bits with a probability of 2^-64 once there are 2^32 texts.
const hashSize = 16

// Hash returns the keyed hash of parts of private text, by which equal texts of one
// owner are found without a readable copy: HMAC-SHA256 under a key that is derived
// from the data key, cut to 128 bits, in base64url (22 characters). Purpose keeps
// hashes of different uses apart, such as "merchant". Normalise texts before.
//
// The hash of another owner's equal text differs. Once the data key is gone, no text
// can be tried against a stored hash. It returns ErrKeyForgotten.
func (k *DataKey) Hash(purpose string, parts ...string) (string, error) {
	k.secret.mu.RLock()
	defer k.secret.mu.RUnlock()
	if k.secret.hashKey == nil {
		return "", ErrKeyForgotten
	}
	mac := hmac.New(sha256.New, k.secret.hashKey)
	mac.Write(appendParts(nil, append([]string{purpose}, parts...)...)) // a hash never fails to write
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:hashSize]), nil
}
