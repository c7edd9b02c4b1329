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
	// Name is the bucket's physical name, which no other bucket of any account
	// may have: put the account's id into it. 3 to 63 lower-case letters,
	// digits and -, or 3 to 58 without LogBucket. Required.
	Name string
	// EncryptionKey is a customer-managed key usable through S3, such as a
	// DataKey with KeyServiceS3. Default: a DataKey of the bucket's own, with
	// rotation, under the alias s3/<Name>.
	EncryptionKey awskms.IKey
	// LogBucket receives the access logs under <Name>/: a bucket of
	// NewAccessLogBucket, which several can share. Default: one of its own,
	// named <Name>-logs.
	LogBucket awss3.Bucket
	// ExpireDays is how many days after its last change an object is deleted.
	// Default: 0, objects stay.
	ExpireDays int
	// NoncurrentDays is how many days an object can still be recovered after it
	// was overwritten or deleted. Default: 30.
	NoncurrentDays int
	// AbortUploadDays is how many days a multipart upload may take before its
	// parts are deleted. Default: 7.
	AbortUploadDays int
	// PresignedMaxAge is how long a presigned URL works at most, up to 7 days,
	// whatever was signed. Default: 0, presigned URLs are refused.
	PresignedMaxAge time.Duration
	// PresignedForms lets browsers upload by POST with a presigned form, the
	// only way in which S3 checks a size it was told. Default: false, forms are
	// refused.
	PresignedForms bool
	// Origins are the exact origins (scheme://host[:port]) whose pages may use
	// presigned URLs and forms. Default: none.
	Origins []string
	// EventBridge sends an event for each change of an object to the account's
	// default event bus. Default: false.
	EventBridge bool
	// Disposable lets the bucket go with its stack, once it is empty. Default:
	// false, it is retained.
	Disposable bool
}

// SecureBucket is an S3 bucket for data: private, versioned, encrypted with a
// customer-managed key and nothing else, reached by TLS 1.2 or newer, with
// access logs, and closed to presigned requests until they are asked for. What
// may be done with its objects is granted by prefix.
type SecureBucket struct {
	constructs.Construct
	// Bucket is the bucket, for events and the like; for permissions use
	// AllowRead, AllowWrite, AllowDelete and AllowList.
	Bucket awss3.IBucket
	// LogBucket receives the access logs; nil for an imported bucket.
	LogBucket awss3.Bucket

	encryptionKey    awskms.IKey
	contextPerObject bool // S3 names the object in the encryption context
}

// NewSecureBucket makes a SecureBucket. It panics with a *PropsError on invalid
// props.
func NewSecureBucket(scope constructs.Construct, id string, props *SecureBucketProps) *SecureBucket {
	p := props.withDefaults()
	p.validate().panicIfAny("SecureBucket", scope, id)

	b := &SecureBucket{LogBucket: p.LogBucket}
	constructs.NewConstruct_Override(b, scope, jsii.String(id))
	b.encryptionKey = keyOrOwn(b, p.EncryptionKey, ownKey{
		service: KeyServiceS3, aliasPrefix: "s3", kind: "bucket", name: p.Name, disposable: p.Disposable,
	})
	if b.LogBucket == nil {
		b.LogBucket = newAccessLogBucket(b, "LogBucket", AccessLogBucketProps{
			Name: p.Name + logBucketSuffix, RetentionDays: defaultAccessLogDays, Disposable: p.Disposable,
		})
	}
	allowAccessLogs(b, b.LogBucket, p.Name)
	b.Bucket = awss3.NewBucket(b, jsii.String("Bucket"), b.bucketProps(p))
	b.Bucket.Node().AddDependency(b.LogBucket.Policy()) // S3 may ask at once whether it can deliver
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
		NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(p.NoncurrentDays)),
	}
	if p.ExpireDays > 0 {
		rule.Expiration = awscdk.Duration_Days(jsii.Number(p.ExpireDays))
	} else {
		rule.ExpiredObjectDeleteMarker = jsii.Bool(true) // S3 takes it without an expiration only
	}
	return &awss3.BucketProps{
		BucketName:             jsii.String(p.Name),
		Encryption:             awss3.BucketEncryption_KMS,
		EncryptionKey:          b.encryptionKey,
		BucketKeyEnabled:       jsii.Bool(true),
		BlockedEncryptionTypes: &[]awss3.BlockedEncryptionType{awss3.BlockedEncryptionType_SSE_C()},
		BlockPublicAccess:      awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:        awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL:             jsii.Bool(true),
		MinimumTLSVersion:      jsii.Number(1.2),
		Versioned:              jsii.Bool(true),
		LifecycleRules:         &[]*awss3.LifecycleRule{rule},
		Cors:                   p.cors(),
		RemovalPolicy:          removalPolicy(p.Disposable),
	}
}

// configureL1 sets, on the L1, what the L2 does in ways of its own: for logs it
// writes an ACL unless a feature flag is set, and leaves the bucket out of the
// policy's conditions where it is in another stack; for EventBridge it deploys a
// function that may change the notifications of every bucket.
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

// cors lets the origins' pages send presigned requests and read the answers.
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
