package awsfake

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// KMS is one KMS key in memory.
type KMS struct {
	// Err, when set, is what every call returns.
	Err error

	secret []byte
}

// NewKMS returns a key with random material.
func NewKMS() *KMS { return &KMS{secret: []byte(rand.Text())} }

// wrapped is what the fake returns as the ciphertext of a data key.
type wrapped struct {
	Plaintext []byte
	Context   map[string]string
}

// GenerateDataKey returns 32 random bytes, and the same bound to the context.
func (k *KMS) GenerateDataKey(_ context.Context, in *kms.GenerateDataKeyInput, _ ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error) {
	if k.Err != nil {
		return nil, k.Err
	}
	plaintext := make([]byte, 32)
	_, _ = rand.Read(plaintext)
	blob, err := json.Marshal(wrapped{plaintext, in.EncryptionContext})
	return &kms.GenerateDataKeyOutput{KeyId: in.KeyId, Plaintext: plaintext, CiphertextBlob: blob}, err
}

// Decrypt returns the data key if the context is the one it was made with.
func (k *KMS) Decrypt(_ context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	if k.Err != nil {
		return nil, k.Err
	}
	var key wrapped
	if err := json.Unmarshal(in.CiphertextBlob, &key); err != nil {
		return nil, &types.InvalidCiphertextException{}
	}
	given, err1 := json.Marshal(in.EncryptionContext)
	bound, err2 := json.Marshal(key.Context)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	if !hmac.Equal(given, bound) {
		return nil, &types.InvalidCiphertextException{}
	}
	return &kms.DecryptOutput{KeyId: in.KeyId, Plaintext: key.Plaintext}, nil
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
