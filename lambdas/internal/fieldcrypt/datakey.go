package fieldcrypt

import (
	"errors"
	"runtime"
	"sync"
)

// ErrKeyForgotten is returned when a data key is used after Keys.Forget. The account
// was deleted while the request was running.
var ErrKeyForgotten = errors.New("the data key has been forgotten, because its account is deleted")

// DataKey seals and opens the fields of one owner. It is safe for concurrent use. Its
// bytes are overwritten when it is forgotten, or by a garbage collection after its
// last use.
type DataKey struct {
	// Wrapped is the encrypted key, in the form to store.
	Wrapped []byte

	secret *secret
}

// newDataKey takes over the plaintext and overwrites it.
func newDataKey(plaintext, wrapped []byte) (*DataKey, error) {
	key, commitment, hashKey, err := derive(plaintext)
	clear(plaintext)
	if err != nil {
		return nil, err
	}
	k := &DataKey{Wrapped: wrapped, secret: &secret{key: key, commitment: commitment, hashKey: hashKey}}
	runtime.AddCleanup(k, (*secret).destroy, k.secret)
	return k, nil
}

// secret is a key that can be overwritten during use by other goroutines.
type secret struct {
	mu         sync.RWMutex
	key        []byte // nil when destroyed
	commitment []byte
	hashKey    []byte
}

// cipher returns a cipher with the key. The cipher has a copy of the key, so the
// caller must not keep it for more than one item.
func (s *secret) cipher() (fieldCipher, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.key == nil {
		return fieldCipher{}, ErrKeyForgotten
	}
	return newFieldCipher(s.key, s.commitment)
}

func (s *secret) destroy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.key)
	clear(s.hashKey)
	s.key, s.hashKey = nil, nil
}
