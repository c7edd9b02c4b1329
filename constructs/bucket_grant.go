package constructs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// objectActions are the only actions that a grant may allow on all objects under
// a prefix, whose names nobody knows before.
var objectActions = []string{"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"}

// AllowRead grants reading the objects under prefix, and decrypting them. With
// no right to list (AllowList), S3 answers 403 for an object that is missing.
func (b *SecureBucket) AllowRead(prefix string) Grant {
	return append(b.objectGrant("Read", prefix, "s3:GetObject"), b.keyGrant("Read", prefix, Decrypt)...)
}

// AllowWrite grants writing objects under prefix, in parts as well, and
// encrypting them. It includes overwriting; the overwritten version is kept for
// NoncurrentDays.
func (b *SecureBucket) AllowWrite(prefix string) Grant {
	// S3 decrypts parts to put them together.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
	return append(b.objectGrant("Write", prefix, "s3:PutObject", "s3:AbortMultipartUpload"),
		b.keyGrant("Write", prefix, GenerateDataKey, Decrypt)...)
}

// AllowDelete grants deleting objects under prefix. They can be recovered for
// NoncurrentDays; nothing here grants deleting a version for good.
func (b *SecureBucket) AllowDelete(prefix string) Grant {
	return b.objectGrant("Delete", prefix, "s3:DeleteObject")
}

// AllowList grants listing the objects under prefix.
func (b *SecureBucket) AllowList(prefix string) Grant {
	prefix = b.checkPrefix("List", prefix)
	return Grant{{
		Sid: sidOf(b, "List", prefix), Actions: []string{"s3:ListBucket"}, Resources: []string{*b.Bucket.BucketArn()},
		Conditions: map[string]map[string][]string{"StringLike": {"s3:prefix": {prefix + "/*"}}},
	}}
}

func (b *SecureBucket) objectGrant(verb, prefix string, actions ...string) Grant {
	prefix = b.checkPrefix(verb, prefix)
	objects := fmt.Sprintf("%s/%s/*", *b.Bucket.BucketArn(), prefix)
	return Grant{{Sid: sidOf(b, verb, prefix), Actions: actions, Resources: []string{objects}}}
}

// keyGrant allows using the key through S3 for this bucket only; it is empty for a
// bucket without a key of its own. With a bucket key, S3 names the bucket, not the
// object, in the encryption context.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
func (b *SecureBucket) keyGrant(verb, prefix string, operations ...KeyOperation) Grant {
	if b.encryptionKey == nil {
		return nil
	}
	conditions := map[string]map[string][]string{"StringEquals": {"kms:ViaService": viaService(awscdk.Stack_Of(b), "s3")}}
	const context = "kms:EncryptionContext:aws:s3:arn"
	if b.contextPerObject {
		conditions["StringLike"] = map[string][]string{context: {fmt.Sprintf("%s/%s/*", *b.Bucket.BucketArn(), b.checkPrefix(verb, prefix))}}
	} else {
		conditions["StringEquals"][context] = []string{*b.Bucket.BucketArn()}
	}
	return Grant{{
		Sid: sidOf(b, verb, prefix, "Key"), Actions: keyActions(operations), Resources: []string{*b.encryptionKey.KeyArn()}, Conditions: conditions,
	}}
}

var objectPrefixPattern = regexp.MustCompile(`^[A-Za-z0-9!_.'()-]+(/[A-Za-z0-9!_.'()-]+)*$`)

// checkPrefix returns the prefix without the slash at its end.
func (b *SecureBucket) checkPrefix(verb, prefix string) string {
	prefix = strings.TrimSuffix(prefix, "/")
	var bad problems
	bad.require(objectPrefixPattern.MatchString(prefix), "prefix",
		"is %q; name the folder the objects are in, such as receipts, without a slash in front or a wildcard", prefix)
	bad.panicIfAny("SecureBucket.Allow"+verb, b, "")
	return prefix
}

// isObjects reports whether the ARN means the objects under a prefix of one
// bucket.
func isObjects(arn string) bool {
	path, ok := strings.CutSuffix(arn, "/*")
	bucket, prefix, hasPrefix := strings.Cut(path, "/")
	return ok && hasPrefix && bucket != "" && prefix != "" && !hasWildcard(path)
}
