package pinhash

import (
	"crypto/sha256"
	"crypto/subtle"

	"golang.org/x/crypto/argon2"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// current are the parameters of new hashes.
var current = params{memory: 19 << 10, passes: 2, lanes: 1}

// PIN is a PIN that a client sent for a user, to store or to compare with stored
// hashes. It computes each hash once, at its first use, and is not safe for
// concurrent use.
type PIN struct {
	salt salt
	// sum computes the hash at given costs. The function captures the PIN, because
	// fmt prints no captured variables.
	sum func(params) [sumSize]byte
}

// New returns the PIN that a client sent for the user.
func New(userID, pin string) *PIN {
	p := &PIN{salt: saltOf(userID)}
	sums := map[params][sumSize]byte{}
	p.sum = func(costs params) [sumSize]byte {
		sum, computed := sums[costs]
		if !computed {
			copy(sum[:], argon2.IDKey([]byte(pin), p.salt[:], costs.passes, costs.memory, costs.lanes, sumSize))
			sums[costs] = sum
		}
		return sum
	}
	return p
}

// saltOf returns the salt of all of a user's PINs: SHA-256 of "pin:" and the user's
// id, cut to the salt's size.
func saltOf(userID string) (s salt) {
	digest := sha256.Sum256([]byte("pin:" + userID))
	copy(s[:], digest[:])
	return s
}

// Hash returns the hash of the PIN in its stored form.
func (p *PIN) Hash() tables.EncryptedString {
	return tables.EncryptedString(hash{params: current, salt: p.salt, sum: p.sum(current)}.String())
}

// Matches reports whether the PIN is the stored one. An empty hash stands for no PIN:
// it matches no PIN and takes as long as any other. For a text that Hash cannot have
// made for this user, Matches returns ErrMalformed without computing a hash.
func (p *PIN) Matches(stored tables.EncryptedString) (bool, error) {
	if stored == "" {
		_ = p.sum(current)
		return false, nil
	}
	hash, err := parse(string(stored))
	if err != nil {
		return false, err
	}
	if hash.salt != p.salt {
		return false, ErrMalformed
	}
	sum := p.sum(hash.params)
	return subtle.ConstantTimeCompare(sum[:], hash.sum[:]) == 1, nil
}

// NeedsRehash reports whether a stored hash differs in its parameters from new
// hashes.
func NeedsRehash(stored tables.EncryptedString) bool {
	hash, err := parse(string(stored))
	return err != nil || hash.params != current
}
