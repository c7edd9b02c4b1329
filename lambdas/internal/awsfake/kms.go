package awsfake

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// KMS is an in-memory KMS. It has every requested key.
type KMS struct {
	// Err is the error of every call. Default: none.
	Err error

	secret []byte
}

// NewKMS returns a KMS whose HMAC keys have random material.
func NewKMS() *KMS { return &KMS{secret: []byte(rand.Text())} }

// wrapped is what the fake returns as the ciphertext of a data key.
type wrapped struct {
	KeyID     string
	Plaintext []byte
	Context   map[string]string
}

// GenerateDataKey returns 32 random bytes, and their wrapped form bound to the
// context.
func (k *KMS) GenerateDataKey(_ context.Context, in *kms.GenerateDataKeyInput, _ ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error) {
	if k.Err != nil {
		return nil, k.Err
	}
	plaintext := make([]byte, 32)
	_, _ = rand.Read(plaintext)
	blob, err := json.Marshal(wrapped{*in.KeyId, plaintext, in.EncryptionContext})
	return &kms.GenerateDataKeyOutput{KeyId: in.KeyId, Plaintext: plaintext, CiphertextBlob: blob}, err
}

// Decrypt returns the data key if key and context are the same as when it was made.
func (k *KMS) Decrypt(_ context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	plaintext, err := k.unwrap(in.CiphertextBlob, *in.KeyId, in.EncryptionContext)
	return &kms.DecryptOutput{KeyId: in.KeyId, Plaintext: plaintext}, err
}

// ReEncrypt returns the data key bound to the new key and context, if key and context
// are the same as when it was made.
func (k *KMS) ReEncrypt(_ context.Context, in *kms.ReEncryptInput, _ ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	plaintext, err := k.unwrap(in.CiphertextBlob, *in.SourceKeyId, in.SourceEncryptionContext)
	if err != nil {
		return nil, err
	}
	blob, err := json.Marshal(wrapped{*in.DestinationKeyId, plaintext, in.DestinationEncryptionContext})
	return &kms.ReEncryptOutput{KeyId: in.DestinationKeyId, SourceKeyId: in.SourceKeyId, CiphertextBlob: blob}, err
}

func (k *KMS) unwrap(blob []byte, keyID string, context map[string]string) ([]byte, error) {
	var key wrapped
	switch {
	case k.Err != nil:
		return nil, k.Err
	case json.Unmarshal(blob, &key) != nil:
		return nil, &types.InvalidCiphertextException{}
	case key.KeyID != keyID:
		return nil, &types.IncorrectKeyException{}
	case !maps.Equal(key.Context, context):
		return nil, &types.InvalidCiphertextException{}
	}
	return key.Plaintext, nil
}

// GenerateMac returns the HMAC-SHA-256 of the message.
func (k *KMS) GenerateMac(_ context.Context, in *kms.GenerateMacInput, _ ...func(*kms.Options)) (*kms.GenerateMacOutput, error) {
	if k.Err != nil {
		return nil, k.Err
	}
	mac := hmac.New(sha256.New, k.secret)
	mac.Write(in.Message)
	return &kms.GenerateMacOutput{KeyId: in.KeyId, Mac: mac.Sum(nil)}, nil
}
