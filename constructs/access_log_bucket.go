package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// AccessLogBucketProps are the props of NewAccessLogBucket.
type AccessLogBucketProps struct {
	// Name is the bucket's physical name: 3 to 63 lower-case letters, digits and -.
	// It must be unique among all S3 buckets of all accounts. Required.
	Name string
	// RetentionDays is how many days logs are kept. Default: 90.
	RetentionDays int
	// Disposable deletes the bucket with its stack, if the bucket is empty.
	// Default: false, the bucket is retained.
	Disposable bool
}

const defaultAccessLogDays = 90

// NewAccessLogBucket makes a bucket that receives the access logs of other buckets
// in its account and region. S3 writes each bucket's logs under that bucket's name.
// The log bucket is encrypted with S3's own key, because S3 delivers access logs
// only to such buckets. NewAccessLogBucket panics with a *PropsError on invalid
// props.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
func NewAccessLogBucket(scope constructs.Construct, id string, props *AccessLogBucketProps) awss3.Bucket {
	p := valueOrZero(props)
	p.RetentionDays = orDefault(p.RetentionDays, defaultAccessLogDays)
	var bad problems
	bad.requireBucketName("Name", p.Name)
	bad.require(p.RetentionDays >= 1, "RetentionDays", "is %d; use 1 or more", p.RetentionDays)
	bad.panicIfAny("AccessLogBucket", scope, id)
	return newAccessLogBucket(scope, id, p)
}

func newAccessLogBucket(scope constructs.Construct, id string, p AccessLogBucketProps) awss3.Bucket {
	bucket := awss3.NewBucket(scope, jsii.String(id), &awss3.BucketProps{
		BucketName:        jsii.String(p.Name),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL:        jsii.Bool(true),
		MinimumTLSVersion: jsii.Number(1.2),
		Versioned:         jsii.Bool(true), // an overwritten log keeps its earlier version
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id:                                  jsii.String("Retention"),
			Expiration:                          awscdk.Duration_Days(jsii.Number(p.RetentionDays)),
			NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(1)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7)),
		}},
		RemovalPolicy: removalPolicy(p.Disposable),
	})
	guardPolicySize(bucket.Node(), &policySizeGuard{
		stack: awscdk.Stack_Of(bucket), quota: bucketPolicySize, prop: "LogBucket", advice: "give some of the buckets that log here another",
		documents: func() []any { return []any{bucket.Policy().Document()} },
	})
	return bucket
}

// allowAccessLogs lets S3 write the access logs of the bucket named source. It
// writes the ARN out by name, because a reference would make a dependency cycle
// between two stacks.
func allowAccessLogs(scope constructs.Construct, logs awss3.Bucket, source string) {
	stack := awscdk.Stack_Of(scope)
	logs.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String(derivedID("LogsOf", source)),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logging.s3.amazonaws.com"), nil)},
		Actions:    jsii.Strings("s3:PutObject"),
		Resources:  jsii.Strings(*logs.ArnForObjects(jsii.String(source + "/*"))),
		Conditions: &map[string]any{
			"ArnEquals":    map[string]any{"aws:SourceArn": fmt.Sprintf("arn:%s:s3:::%s", *stack.Partition(), source)},
			"StringEquals": map[string]any{"aws:SourceAccount": *stack.Account()},
		},
	}))
}
