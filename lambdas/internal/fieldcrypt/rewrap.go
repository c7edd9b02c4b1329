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

// Rewrap moves an owner's wrapped data key from one KMS key to another, inside KMS.
// The data key stays the same, and so do all sealed fields. Rewrap is for the
// migration after a KMS key was replaced. It needs kms:ReEncryptFrom and
// kms:ReEncryptTo, which a function that reads does not need. It returns the errors
// of KMS, such as IncorrectKeyException for a key that has been moved already.
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
