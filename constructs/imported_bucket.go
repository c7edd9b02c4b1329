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
	// Key is the customer-managed key of the bucket. Default: none, S3 encrypts
	// with its own key, for which a role needs no permission.
	Key awskms.IKey
	// NoBucketKey says that the bucket does not use an S3 Bucket Key. S3 then puts
	// the object, not the bucket, into the encryption context. Default: false.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
	NoBucketKey bool
}

// ImportSecureBucket takes an existing bucket that another stack, tool or account
// made. It changes nothing in the bucket and gives the same grants as a new
// SecureBucket. It does not check whether the bucket is secure. It panics with a
// *PropsError on invalid props.
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
