package fieldcrypt

import (
	"bytes"
	"errors"
	"testing"
)

func hashOf(t *testing.T, key *DataKey, purpose string, parts ...string) string {
	t.Helper()
	hash, err := key.Hash(purpose, parts...)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestHash_SameTextUnderRewrappedKey_IsEqual(t *testing.T) {
	key, _ := newTestKey(t)
	again, _ := newTestKey(t) // the same data key, wrapped anew
	if a, b := hashOf(t, key, "merchant", "TESCO"), hashOf(t, again, "merchant", "TESCO"); a != b || len(a) != 22 {
		t.Errorf("%s and %s", a, b)
	}
}

func TestHash_OtherKeyPurposeOrParts_Differs(t *testing.T) {
	key, _ := newTestKey(t)
	other, err := newDataKey(bytes.Repeat([]byte{8}, keySize), nil)
	if err != nil {
		t.Fatal(err)
	}
	hashes := map[string]string{
		"text":          hashOf(t, key, "merchant", "ab", "c"),
		"other owner":   hashOf(t, other, "merchant", "ab", "c"),
		"other purpose": hashOf(t, key, "file", "ab", "c"),
		"other split":   hashOf(t, key, "merchant", "a", "bc"),
		"one part":      hashOf(t, key, "merchant", "abc"),
		"part moved":    hashOf(t, key, "merchantab", "c"),
	}
	seen := map[string]string{}
	for name, hash := range hashes {
		if seen[hash] != "" {
			t.Errorf("%s has the hash of %s", name, seen[hash])
		}
		seen[hash] = name
	}
}

func TestHash_IsNoPartOfWhatIsStored(t *testing.T) {
	key, _ := newTestKey(t)
	if bytes.Contains(key.secret.hashKey, key.secret.commitment) || bytes.Equal(key.secret.hashKey, key.secret.key) {
		t.Error("the hash key is the stored commitment, or the encryption key")
	}
}

func TestHash_ForgottenKey_ReturnsErrForgotten(t *testing.T) {
	key, _ := newTestKey(t)
	memory := key.secret.hashKey
	key.secret.destroy()
	if _, err := key.Hash("merchant", "TESCO"); !errors.Is(err, ErrKeyForgotten) || !bytes.Equal(memory, make([]byte, keySize)) {
		t.Errorf("got %v; the key in memory is %x", err, memory)
	}
}
