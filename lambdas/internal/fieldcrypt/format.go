package fieldcrypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
)

// A sealed field is: version (1 byte), commitment (32), nonce (12), ciphertext,
// tag (16).
const (
	version        = 1
	keySize        = 32
	commitmentSize = 32
	nonceSize      = 12 // NIST SP 800-38D, section 5.2.1.1: 96 bits is the recommended length
	tagSize        = 16
	headerSize     = 1 + commitmentSize + nonceSize
)

// ErrCannotOpen is returned for a field that is damaged, has an unknown version, is
// not encrypted, or was sealed for another place or under another key.
var ErrCannotOpen = errors.New("sealed field cannot be opened")

// derive returns the encryption key, the commitment and the hash key that belong to
// a data key. The commitment is public: it identifies the key and reveals nothing of
// it (RFC 5869, section 3.2: the parts of HKDF's output are independent).
func derive(dataKey []byte) (key, commitment, hashKey []byte, err error) {
	out, err := hkdf.Key(sha256.New, dataKey, nil, "expenzez fieldcrypt 1", keySize+commitmentSize+keySize)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("derive field key: %w", err)
	}
	return out[:keySize:keySize], out[keySize : keySize+commitmentSize : keySize+commitmentSize], out[keySize+commitmentSize:], nil
}

// fieldCipher seals and opens fields under one data key.
type fieldCipher struct {
	aead       cipher.AEAD
	commitment []byte
}

func newFieldCipher(key, commitment []byte) (fieldCipher, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return fieldCipher{}, fmt.Errorf("field key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return fieldCipher{}, fmt.Errorf("field key: %w", err)
	}
	return fieldCipher{aead: aead, commitment: commitment}, nil
}

// seal encrypts a text for a place, which is the additional data. Each call under one
// key needs a different nonce.
func (c fieldCipher) seal(nonce [nonceSize]byte, place []byte, text string) []byte {
	sealed := make([]byte, 0, headerSize+len(text)+tagSize)
	sealed = append(sealed, version)
	sealed = append(sealed, c.commitment...)
	sealed = append(sealed, nonce[:]...)
	return c.aead.Seal(sealed, nonce[:], []byte(text), place)
}

// open decrypts a text that seal encrypted for the same place under the same key.
// Otherwise it returns ErrCannotOpen with the reason.
func (c fieldCipher) open(place, sealed []byte) (string, error) {
	switch {
	case len(sealed) < headerSize+tagSize:
		return "", fmt.Errorf("%w: %d bytes are fewer than an empty one has", ErrCannotOpen, len(sealed))
	case sealed[0] != version:
		return "", fmt.Errorf("%w: format %d is unknown to this release, which knows %d", ErrCannotOpen, sealed[0], version)
	case subtle.ConstantTimeCompare(sealed[1:1+commitmentSize], c.commitment) != 1:
		return "", fmt.Errorf("%w: it was sealed under another data key", ErrCannotOpen)
	}
	nonce := sealed[1+commitmentSize : headerSize]
	text, err := c.aead.Open(nil, nonce, sealed[headerSize:], place)
	if err != nil {
		return "", fmt.Errorf("%w: it is damaged, or was sealed for another item or attribute", ErrCannotOpen)
	}
	return string(text), nil
}

// appendParts appends each part after its length as a big-endian uint32. Different
// sequences of parts therefore have different encodings.
func appendParts(to []byte, parts ...string) []byte {
	for _, part := range parts {
		to = binary.BigEndian.AppendUint32(to, uint32(len(part)))
		to = append(to, part...)
	}
	return to
}
