package pinhash

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"

	"golang.org/x/crypto/argon2"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Device is whose PIN it is: a PIN is hashed for one user's one device.
type Device struct {
	User string
	ID   string
}

// current is how PINs are hashed now.
var current = params{memory: 19 << 10, passes: 2, lanes: 1}

// Hash returns the hash of a PIN, with a new salt, as it is stored.
func Hash(device Device, pin string) tables.Private {
	made := hash{params: current}
	_, _ = rand.Read(made.salt[:]) // it never fails
	made.sum = current.sum(device, pin, made.salt)
	return tables.Private(made.String())
}

// Verify tells whether the PIN is the one that was hashed for the device. An empty
// stored hash stands for no PIN: it takes as long as any other, and no PIN is
// right. Verify returns ErrMalformed for a stored text that Hash cannot have made.
func Verify(device Device, pin string, stored tables.Private) (bool, error) {
	if stored == "" {
		_ = current.sum(device, pin, salt{})
		return false, nil
	}
	known, err := parse(string(stored))
	if err != nil {
		return false, err
	}
	sum := known.params.sum(device, pin, known.salt)
	return subtle.ConstantTimeCompare(sum[:], known.sum[:]) == 1, nil
}

// NeedsRehash tells whether a stored hash was made in another way than Hash makes
// them now.
func NeedsRehash(stored tables.Private) bool {
	known, err := parse(string(stored))
	return err != nil || known.params != current
}

func (p params) sum(device Device, pin string, salt salt) (sum [sumSize]byte) {
	var input []byte
	for _, part := range []string{device.User, device.ID, pin} {
		input = binary.BigEndian.AppendUint32(input, uint32(len(part)))
		input = append(input, part...)
	}
	copy(sum[:], argon2.IDKey(input, salt[:], p.passes, p.memory, p.lanes, sumSize))
	return sum
}
