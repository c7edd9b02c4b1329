package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ImportedBucketProps are the props of ImportSecureBucket.
type ImportedBucketProps struct {
	// Bucket is the bucket, such as awss3.Bucket_FromBucketName returns. Required.
	Bucket awss3.IBucket
	// Key is the customer-managed key the bucket is encrypted with. Default: none, S3
	// encrypts with a key of its own, for which a role needs no right.
	Key awskms.IKey
	// NoBucketKey says that the bucket does not use an S3 Bucket Key, so that S3 names
	// the object, not the bucket, in the encryption context. Default: false.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
	NoBucketKey bool
}

// ImportSecureBucket takes a bucket that exists already, made by another stack,
// tool or account, as it is: it changes nothing of it, and gives the same grants as
// one made here. What it does not know is whether the bucket is secure. It panics
// with a *PropsError on invalid props.
func ImportSecureBucket(scope constructs.Construct, id string, props *ImportedBucketProps) *SecureBucket {
	p := valueOrZero(props)
	var bad problems
	bad.require(p.Bucket != nil, "Bucket", "is missing; give the bucket, such as awss3.Bucket_FromBucketName returns")
	bad.require(!p.NoBucketKey || p.Key != nil, "NoBucketKey", "is about a customer-managed key; give Key, or leave it out")
	bad.panicIfAny("ImportSecureBucket", scope, id)

	b := &SecureBucket{Bucket: p.Bucket, encryptionKey: p.Key, contextPerObject: p.NoBucketKey}
	constructs.NewConstruct_Override(b, scope, jsii.String(id))
	return b
}
