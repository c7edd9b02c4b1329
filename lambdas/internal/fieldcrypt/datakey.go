package fieldcrypt

import (
	"errors"
	"runtime"
	"sync"
)

// ErrKeyForgotten is returned when a data key is used after Keys.Forget: the
// account has been deleted while this request was under way.
var ErrKeyForgotten = errors.New("the data key has been forgotten, because its account is deleted")

// DataKey seals and opens the fields of one owner. It is safe for concurrent
// use. Its bytes are overwritten when it is forgotten and, otherwise, by a
// garbage collection after its last use.
type DataKey struct {
	// Wrapped is the key as it may be stored.
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

// secret is a key that can be overwritten while others are using it.
type secret struct {
	mu         sync.RWMutex
	key        []byte // nil when destroyed
	commitment []byte
	hashKey    []byte
}

// cipher returns the key ready for use. The expanded key in it lives as long as
// the caller keeps it, which must be no longer than one item.
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
