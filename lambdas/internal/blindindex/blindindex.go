package blindindex

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// KMS is the part of the KMS client that hashes need.
type KMS interface {
	GenerateMac(context.Context, *kms.GenerateMacInput, ...func(*kms.Options)) (*kms.GenerateMacOutput, error)
}

// Index makes keyed hashes with one KMS HMAC key.
type Index struct {
	client KMS
	keyID  string
}

// New returns the index of the KMS HMAC_256 key with this ARN.
func New(client KMS, keyID string) *Index { return &Index{client: client, keyID: keyID} }

// Email returns the hash of an e-mail address: HMAC-SHA-256 of "email:" and the
// normalised address, in unpadded base64url. It returns the errors of KMS.
func (i *Index) Email(ctx context.Context, address string) (string, error) {
	out, err := i.client.GenerateMac(ctx, &kms.GenerateMacInput{
		KeyId:        aws.String(i.keyID),
		MacAlgorithm: types.MacAlgorithmSpecHmacSha256,
		Message:      []byte("email:" + NormaliseEmail(address)),
	})
	if err != nil {
		return "", fmt.Errorf("hash e-mail address: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(out.Mac), nil
}

// NormaliseEmail returns the form in which addresses are compared: without
// surrounding space and in lower case, since no mail provider of note tells
// mailboxes apart by case.
func NormaliseEmail(address string) string {
	return strings.ToLower(strings.TrimSpace(address))
}
