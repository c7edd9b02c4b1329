package fieldcrypt

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// ReEncrypter is the part of the KMS client that Rewrap needs.
type ReEncrypter interface {
	ReEncrypt(context.Context, *kms.ReEncryptInput, ...func(*kms.Options)) (*kms.ReEncryptOutput, error)
}

// Rewrap moves an owner's wrapped data key from one KMS key to another, inside
// KMS; the data key, and so every sealed field, stays as it is. It is for the
// migration after a replaced KMS key, which needs kms:ReEncryptFrom and
// kms:ReEncryptTo; a function that reads needs neither. It returns the errors of
// KMS, among them IncorrectKeyException for a key that has been moved already.
func Rewrap(ctx context.Context, client ReEncrypter, owner Owner, wrapped []byte, from, to string) ([]byte, error) {
	out, err := client.ReEncrypt(ctx, &kms.ReEncryptInput{
		CiphertextBlob:               wrapped,
		SourceKeyId:                  aws.String(from),
		SourceEncryptionContext:      owner.encryptionContext(),
		DestinationKeyId:             aws.String(to),
		DestinationEncryptionContext: owner.encryptionContext(),
	})
	if err != nil {
		return nil, fmt.Errorf("rewrap data key: %w", err)
	}
	return out.CiphertextBlob, nil
}
