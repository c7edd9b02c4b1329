package constructs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// objectActions are the only actions that a grant may allow on all objects under a
// prefix. Objects are named at run time, so a policy cannot list them.
var objectActions = []string{"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"}

// AllowRead grants reading and decrypting the objects under prefix. S3 answers 403
// for a missing object unless the role also has AllowList.
func (b *SecureBucket) AllowRead(prefix string) Grant {
	return append(b.objectGrant("Read", prefix, "s3:GetObject"), b.keyGrant("Read", prefix, Decrypt)...)
}

// AllowWrite grants encrypting and writing objects under prefix, in multipart
// uploads too. It includes overwriting. S3 keeps the overwritten version for
// NoncurrentDays.
func (b *SecureBucket) AllowWrite(prefix string) Grant {
	// S3 decrypts the parts of a multipart upload to join them.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
	return append(b.objectGrant("Write", prefix, "s3:PutObject", "s3:AbortMultipartUpload"),
		b.keyGrant("Write", prefix, GenerateDataKey, Decrypt)...)
}

// AllowDelete grants deleting objects under prefix. They can be recovered for
// NoncurrentDays, because no grant allows deleting a version. In an Unversioned bucket
// they are gone at once.
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

// keyGrant grants the use of the key through S3 for this bucket only. It is empty
// for a bucket without a customer-managed key. With a bucket key, S3 puts the
// bucket, not the object, into the encryption context.
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

// checkPrefix returns the prefix without a slash at its end.
func (b *SecureBucket) checkPrefix(verb, prefix string) string {
	prefix = strings.TrimSuffix(prefix, "/")
	var bad problems
	bad.require(objectPrefixPattern.MatchString(prefix), "prefix",
		"is %q; name the folder the objects are in, such as receipts, without a slash in front or a wildcard", prefix)
	bad.panicIfAny("SecureBucket.Allow"+verb, b, "")
	return prefix
}

// isObjects reports whether the ARN means the objects under a prefix of one bucket.
func isObjects(arn string) bool {
	path, ok := strings.CutSuffix(arn, "/*")
	bucket, prefix, hasPrefix := strings.Cut(path, "/")
	return ok && hasPrefix && bucket != "" && prefix != "" && !hasWildcard(path)
}
