package constructs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// SecureBucketProps are the props of NewSecureBucket.
type SecureBucketProps struct {
	// Name is the bucket's physical name: 3 to 63 lower-case letters, digits and -,
	// or 3 to 58 without LogBucket. It must be unique among all S3 buckets of all
	// accounts, so include the account's id. Required.
	Name string
	// EncryptionKey is a customer-managed key usable through S3, such as a DataKey
	// with KeyServiceS3. Default: a new DataKey with rotation, under the alias
	// s3/<Name>.
	EncryptionKey awskms.IKey
	// LogBucket receives the access logs under <Name>/. Use NewAccessLogBucket.
	// Several buckets can share it. Default: a new bucket named <Name>-logs.
	LogBucket awss3.Bucket
	// ExpireDays is how many days after its last change an object is deleted.
	// Default: 0, objects are kept.
	ExpireDays int
	// NoncurrentDays is how many days an object can still be recovered after it
	// was overwritten or deleted. Default: 30, or none with Unversioned.
	NoncurrentDays int
	// Unversioned ends an object at once when it is overwritten or deleted, for objects
	// that must not outlive their deletion. Default: false, the bucket has versions.
	Unversioned bool
	// AbortUploadDays is how many days a multipart upload may take before its
	// parts are deleted. Default: 7.
	AbortUploadDays int
	// PresignedMaxAge is the maximum age of a presigned URL, up to 7 days, whatever
	// its signer chose. Default: 0, presigned URLs are refused.
	PresignedMaxAge time.Duration
	// PresignedForms lets browsers upload by POST with a presigned form. Only forms
	// can limit the size of an upload. Default: false, forms are refused.
	PresignedForms bool
	// Origins are the exact origins (scheme://host[:port]) whose pages may use
	// presigned URLs and forms. Default: none.
	Origins []string
	// LockDays is how many days S3 Object Lock keeps each version of an object from
	// deletion. It can be turned on for an existing bucket, but never off. The bucket
	// then cannot receive files of AWS Config. Default: 0, no lock.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
	LockDays int
	// LockMode says who may delete a locked version. Default: GovernanceLock, if
	// LockDays is given.
	LockMode LockMode
	// EventBridge sends an event for each change of an object to the account's
	// default event bus. Default: false.
	EventBridge bool
	// Disposable deletes the bucket with its stack, if the bucket is empty.
	// Default: false, the bucket is retained.
	Disposable bool
}

// LockMode says who may delete a version of an object that S3 Object Lock protects.
type LockMode string

const (
	// GovernanceLock lets principals with s3:BypassGovernanceRetention delete.
	GovernanceLock LockMode = "GOVERNANCE"
	// ComplianceLock lets no principal delete, not even the account's root. A wrong
	// period is paid to its end.
	ComplianceLock LockMode = "COMPLIANCE"
)

// SecureBucket is a private S3 bucket for data, with versions by default. It accepts only its
// customer-managed key and TLS 1.2 or newer, and has access logs. It refuses
// presigned requests by default. Grants cover objects by prefix.
type SecureBucket struct {
	constructs.Construct
	// Bucket is the bucket, for events and similar. Use AllowRead, AllowWrite,
	// AllowDelete and AllowList for permissions.
	Bucket awss3.IBucket
	// LogBucket receives the access logs. It is nil for an imported bucket.
	LogBucket awss3.Bucket

	encryptionKey    awskms.IKey
	contextPerObject bool // S3 puts the object into the encryption context
}

// NewSecureBucket makes a SecureBucket. It panics with a *PropsError on invalid
// props.
func NewSecureBucket(scope constructs.Construct, id string, props *SecureBucketProps) *SecureBucket {
	p := props.withDefaults()
	p.validate().panicIfAny("SecureBucket", scope, id)

	b := &SecureBucket{LogBucket: p.LogBucket}
	constructs.NewConstruct_Override(b, scope, jsii.String(id))
	b.encryptionKey = keyOrOwn(b, p.EncryptionKey, ownKey{
		services: []KeyService{KeyServiceS3}, aliasPrefix: "s3", kind: "bucket", name: p.Name, disposable: p.Disposable,
	})
	if b.LogBucket == nil {
		b.LogBucket = newAccessLogBucket(b, "LogBucket", AccessLogBucketProps{
			Name: p.Name + logBucketSuffix, RetentionDays: defaultAccessLogDays, Disposable: p.Disposable,
		})
	}
	allowAccessLogs(b, b.LogBucket, p.Name)
	b.Bucket = awss3.NewBucket(b, jsii.String("Bucket"), b.bucketProps(p))
	b.Bucket.Node().AddDependency(b.LogBucket.Policy()) // S3 may check at once whether it can deliver
	b.configureL1(p)
	for _, statement := range b.denyStatements(p) {
		b.Bucket.AddToResourcePolicy(statement)
	}
	return b
}

func (b *SecureBucket) bucketProps(p SecureBucketProps) *awss3.BucketProps {
	rule := &awss3.LifecycleRule{
		Id:                                  jsii.String("Expiry"),
		AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(p.AbortUploadDays)),
	}
	if !p.Unversioned {
		rule.NoncurrentVersionExpiration = awscdk.Duration_Days(jsii.Number(p.NoncurrentDays))
	}
	if p.ExpireDays > 0 {
		rule.Expiration = awscdk.Duration_Days(jsii.Number(p.ExpireDays))
	} else if !p.Unversioned {
		rule.ExpiredObjectDeleteMarker = jsii.Bool(true) // S3 accepts it only without an expiration
	}
	return &awss3.BucketProps{
		BucketName:                 jsii.String(p.Name),
		Encryption:                 awss3.BucketEncryption_KMS,
		EncryptionKey:              b.encryptionKey,
		BucketKeyEnabled:           jsii.Bool(true),
		BlockedEncryptionTypes:     &[]awss3.BlockedEncryptionType{awss3.BlockedEncryptionType_SSE_C()},
		BlockPublicAccess:          awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:            awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL:                 jsii.Bool(true),
		MinimumTLSVersion:          jsii.Number(1.2),
		Versioned:                  jsii.Bool(!p.Unversioned),
		LifecycleRules:             &[]*awss3.LifecycleRule{rule},
		Cors:                       p.cors(),
		RemovalPolicy:              removalPolicy(p.Disposable),
		ObjectLockEnabled:          boolOrNil(p.LockDays > 0),
		ObjectLockDefaultRetention: p.retention(),
	}
}

func (p SecureBucketProps) retention() awss3.ObjectLockRetention {
	days := awscdk.Duration_Days(jsii.Number(p.LockDays))
	switch {
	case p.LockDays == 0:
		return nil
	case p.LockMode == ComplianceLock:
		return awss3.ObjectLockRetention_Compliance(days)
	}
	return awss3.ObjectLockRetention_Governance(days)
}

// configureL1 sets logging and EventBridge on the L1. The L2 writes an ACL for logs
// unless a feature flag is set. It also leaves the bucket out of the policy's
// conditions if the log bucket is in another stack. For EventBridge, the L2 deploys
// a function that can change the notifications of every bucket.
func (b *SecureBucket) configureL1(p SecureBucketProps) {
	var cfn awss3.CfnBucket
	jsii.UnsafeCast(b.Bucket.Node().DefaultChild(), &cfn)
	cfn.SetLoggingConfiguration(&awss3.CfnBucket_LoggingConfigurationProperty{
		DestinationBucketName: b.LogBucket.BucketName(),
		LogFilePrefix:         jsii.String(p.Name + "/"),
	})
	if p.EventBridge {
		cfn.SetNotificationConfiguration(&awss3.CfnBucket_NotificationConfigurationProperty{
			EventBridgeConfiguration: &awss3.CfnBucket_EventBridgeConfigurationProperty{
				EventBridgeEnabled: jsii.Bool(true),
			},
		})
	}
}

// cors returns the rule that lets the origins' pages send presigned requests and
// read the responses.
func (p *SecureBucketProps) cors() *[]*awss3.CorsRule {
	if len(p.Origins) == 0 {
		return nil
	}
	methods := []awss3.HttpMethods{}
	if p.PresignedMaxAge > 0 {
		methods = append(methods, awss3.HttpMethods_GET, awss3.HttpMethods_HEAD, awss3.HttpMethods_PUT)
	}
	if p.PresignedForms {
		methods = append(methods, awss3.HttpMethods_POST)
	}
	return &[]*awss3.CorsRule{{
		AllowedOrigins: jsii.Strings(p.Origins...),
		AllowedMethods: &methods,
		AllowedHeaders: jsii.Strings("Content-Type", "Content-MD5", "If-None-Match",
			"x-amz-checksum-crc32", "x-amz-checksum-sha256", "x-amz-sdk-checksum-algorithm"),
		ExposedHeaders: jsii.Strings("ETag"),
		MaxAge:         jsii.Number(300),
	}}
}
