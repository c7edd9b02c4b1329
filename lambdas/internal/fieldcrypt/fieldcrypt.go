package fieldcrypt

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	version   = 1
	nonceSize = 12 // NIST SP 800-38D, section 5.2.1.1: 96 bits is the recommended length
)

// ErrCannotOpen is returned for a ciphertext that is damaged, of an unknown
// version, or was sealed for another place or under another key.
var ErrCannotOpen = errors.New("field cannot be decrypted")

// KMS is the part of the KMS client that data keys need.
type KMS interface {
	GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error)
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Keys makes and unwraps data keys under one KMS key.
type Keys struct {
	client KMS
	keyID  string
}

// NewKeys returns the data keys under the KMS key with this ARN.
func NewKeys(client KMS, keyID string) *Keys { return &Keys{client: client, keyID: keyID} }

// Owner says whose data a key protects.
type Owner struct {
	Table *tables.Table
	User  string
}

func (o Owner) encryptionContext() map[string]string {
	return map[string]string{"table": o.Table.Name, "user": o.User}
}

// New makes a data key for the owner. It returns the errors of KMS.
func (k *Keys) New(ctx context.Context, owner Owner) (*DataKey, error) {
	out, err := k.client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId:             aws.String(k.keyID),
		KeySpec:           types.DataKeySpecAes256,
		EncryptionContext: owner.encryptionContext(),
	})
	if err != nil {
		return nil, fmt.Errorf("generate data key: %w", err)
	}
	return newDataKey(owner, out.Plaintext, out.CiphertextBlob)
}

// Unwrap opens a stored data key of the owner. It returns the errors of KMS,
// among them InvalidCiphertextException when the key belongs to another owner.
func (k *Keys) Unwrap(ctx context.Context, owner Owner, wrapped []byte) (*DataKey, error) {
	out, err := k.client.Decrypt(ctx, &kms.DecryptInput{
		KeyId:             aws.String(k.keyID),
		CiphertextBlob:    wrapped,
		EncryptionContext: owner.encryptionContext(),
	})
	if err != nil {
		return nil, fmt.Errorf("unwrap data key: %w", err)
	}
	return newDataKey(owner, out.Plaintext, wrapped)
}

// DataKey seals and opens the fields of one owner.
type DataKey struct {
	// Wrapped is the key as it may be stored.
	Wrapped []byte

	owner Owner
	aead  cipher.AEAD
}

func newDataKey(owner Owner, plaintext, wrapped []byte) (*DataKey, error) {
	block, err := aes.NewCipher(plaintext)
	clear(plaintext)
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	return &DataKey{Wrapped: wrapped, owner: owner, aead: aead}, nil
}

// Seal encrypts a field. The empty string seals to nil: an absent field.
func (k *DataKey) Seal(field, plaintext string) tables.Sealed {
	if plaintext == "" {
		return nil
	}
	sealed := make([]byte, 1+nonceSize, 1+nonceSize+len(plaintext)+k.aead.Overhead())
	sealed[0] = version
	_, _ = rand.Read(sealed[1:]) // never fails: crypto/rand aborts the process instead
	return k.aead.Seal(sealed, sealed[1:], []byte(plaintext), k.additionalData(field))
}

// Open decrypts a field. An absent field opens to the empty string. It returns
// ErrCannotOpen for everything that Seal did not make for this place.
func (k *DataKey) Open(field string, sealed tables.Sealed) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	if len(sealed) < 1+nonceSize || sealed[0] != version {
		return "", fmt.Errorf("%w: %s", ErrCannotOpen, field)
	}
	plaintext, err := k.aead.Open(nil, sealed[1:1+nonceSize], sealed[1+nonceSize:], k.additionalData(field))
	if err != nil {
		return "", fmt.Errorf("%w: %s", ErrCannotOpen, field)
	}
	return string(plaintext), nil
}

func (k *DataKey) additionalData(field string) []byte {
	data := []byte{version}
	for _, part := range []string{k.owner.Table.Name, k.owner.User, field} {
		data = binary.BigEndian.AppendUint32(data, uint32(len(part)))
		data = append(data, part...)
	}
	return data
}
