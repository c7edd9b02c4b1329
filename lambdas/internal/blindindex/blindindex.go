package blindindex

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// KMS is the part of the KMS client that hashes need.
type KMS interface {
	GenerateMac(context.Context, *kms.GenerateMacInput, ...func(*kms.Options)) (*kms.GenerateMacOutput, error)
}

// Index computes keyed hashes with one KMS HMAC key. It is safe for concurrent use.
type Index struct {
	client KMS
	keyID  string
}

// New returns the index of the KMS HMAC_256 key with this ARN.
func New(client KMS, keyID string) *Index { return &Index{client: client, keyID: keyID} }

// Email returns the hash of an e-mail address in the form of NormaliseEmail. It
// returns the errors of KMS.
func (i *Index) Email(ctx context.Context, address string) (string, error) {
	return i.hash(ctx, "email", NormaliseEmail(address))
}

// Phone returns the hash of a telephone number in the form of NormalisePhone. It
// returns ErrNotInternational and the errors of KMS.
func (i *Index) Phone(ctx context.Context, number string) (string, error) {
	normalised, err := NormalisePhone(number)
	if err != nil {
		return "", err
	}
	return i.hash(ctx, "phone", normalised)
}

// Subject returns the hash of a user's id at an identity provider. The id is hashed
// unchanged, because providers promise no other form of it. The provider is a word
// without a colon. Subject returns the errors of KMS.
func (i *Index) Subject(ctx context.Context, provider, subject string) (string, error) {
	return i.hash(ctx, "subject", provider+":"+subject)
}

// DeriveKey returns a key of 32 bytes for a label, which KMS derives from its HMAC key: its
// HMAC of the label. A label begins with a purpose of its own and a colon, like every
// message under the key. The key is then in the memory of the function (package pseudonym).
func DeriveKey(ctx context.Context, client KMS, keyID, label string) ([]byte, error) {
	out, err := client.GenerateMac(ctx, &kms.GenerateMacInput{
		KeyId: aws.String(keyID), MacAlgorithm: types.MacAlgorithmSpecHmacSha256, Message: []byte(label),
	})
	if err != nil {
		return nil, err
	}
	if len(out.Mac) != sha256.Size {
		return nil, fmt.Errorf("KMS made a key of %d bytes, not %d", len(out.Mac), sha256.Size)
	}
	return out.Mac, nil
}

// hash returns the hash of a purpose and a value. A purpose has no colon, so
// different pairs have different messages.
func (i *Index) hash(ctx context.Context, purpose, value string) (string, error) {
	out, err := i.client.GenerateMac(ctx, &kms.GenerateMacInput{
		KeyId:        aws.String(i.keyID),
		MacAlgorithm: types.MacAlgorithmSpecHmacSha256,
		Message:      []byte(purpose + ":" + value),
	})
	if err != nil {
		return "", fmt.Errorf("hash %s: %w", purpose, err)
	}
	return base64.RawURLEncoding.EncodeToString(out.Mac), nil
}
