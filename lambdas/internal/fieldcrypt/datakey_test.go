package fieldcrypt

import (
	"bytes"
	"errors"
	"runtime"
	"testing"
)

func newTestKey(t *testing.T) (*DataKey, []byte) {
	t.Helper()
	plaintext := bytes.Repeat([]byte{7}, keySize)
	key, err := newDataKey(plaintext, nil)
	if err != nil {
		t.Fatal(err)
	}
	return key, plaintext
}

func TestKeys_UnwrappedKey_IsOverwrittenAfterDerivation(t *testing.T) {
	if _, plaintext := newTestKey(t); !bytes.Equal(plaintext, make([]byte, keySize)) {
		t.Error("the data key is still in memory")
	}
}

func TestDataKey_Destroyed_IsOverwritten(t *testing.T) {
	key, _ := newTestKey(t)
	memory := key.secret.key
	key.secret.destroy()
	if !bytes.Equal(memory, make([]byte, keySize)) {
		t.Error("the key is still in memory")
	}
	if _, err := key.secret.cipher(); !errors.Is(err, ErrKeyForgotten) {
		t.Errorf("a destroyed key gives a cipher: %v", err)
	}
}

// The garbage collector destroys a key without references, a moment after a
// collection.
func TestDataKey_Unreferenced_IsOverwritten(t *testing.T) {
	key, _ := newTestKey(t)
	secret := key.secret
	runtime.GC()
	if _, err := secret.cipher(); err != nil {
		t.Fatalf("the key was destroyed in use: %v", err)
	}
	runtime.KeepAlive(key)
	key = nil
	for range 1000 {
		runtime.GC()
		if _, err := secret.cipher(); errors.Is(err, ErrKeyForgotten) {
			return
		}
	}
	t.Error("the key is still in memory")
}
