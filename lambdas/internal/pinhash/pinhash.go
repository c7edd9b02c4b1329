package pinhash

import (
	"crypto/sha256"
	"crypto/subtle"

	"golang.org/x/crypto/argon2"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// current is how PINs are hashed now.
var current = params{memory: 19 << 10, passes: 2, lanes: 1}

// PIN is a PIN that somebody offers as a user's, to be stored or compared with
// what is stored. It computes each hash once, when it is first needed, and is not
// for concurrent use.
type PIN struct {
	salt salt
	// sum is the hash at some costs. The PIN is inside this function, because that
	// is the one place that fmt does not print, whatever the verb.
	sum func(params) [sumSize]byte
}

// New returns the PIN that is offered for the user.
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

// saltOf is the salt of all of a user's PINs: SHA-256 of "pin:" and the user's id,
// cut to the salt's size.
func saltOf(userID string) (s salt) {
	digest := sha256.Sum256([]byte("pin:" + userID))
	copy(s[:], digest[:])
	return s
}

// Hash returns the hash of the PIN as it is stored.
func (p *PIN) Hash() tables.EncryptedString {
	return tables.EncryptedString(hash{params: current, salt: p.salt, sum: p.sum(current)}.String())
}

// Matches tells whether the PIN is the one that was stored. An empty stored hash stands
// for no PIN: it takes as long as any other, and no PIN is right. Is returns
// ErrMalformed, before computing anything, for a text that Hash cannot have made
// for this user.
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

// NeedsRehash tells whether a stored hash was made in another way than Hash makes
// them now.
func NeedsRehash(stored tables.EncryptedString) bool {
	hash, err := parse(string(stored))
	return err != nil || hash.params != current
}
