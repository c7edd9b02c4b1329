package constructs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudtrail"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// AuditTrailProps are the props of NewAuditTrail.
type AuditTrailProps struct {
	// Name is the trail's physical name: 3 to 128 letters, digits, and - _ .
	// Required.
	Name string
	// BucketName is the physical name of the bucket for the log files, as
	// SecureBucketProps.Name. Required.
	BucketName string
	// EncryptionKey is a customer-managed key that CloudTrail may use and that
	// readers use through S3, such as a DataKey with KeyServiceCloudTrail and
	// KeyServiceS3. Default: a new DataKey with rotation, under the alias
	// cloudtrail/<Name>.
	EncryptionKey awskms.IKey
	// LogBucket receives the bucket's access logs. Default: a new bucket named
	// <BucketName>-logs.
	LogBucket awss3.Bucket
	// RetentionDays is how many days log files are kept and locked. Default: 365.
	RetentionDays int
	// Unlocked leaves the log files without S3 Object Lock, so that an administrator
	// can delete them. Default: false, they are locked.
	Unlocked bool
	// LockMode says who may delete a locked log file. Default: GovernanceLock.
	LockMode LockMode
	// DataEvents are the resources whose reads and writes are recorded. CloudTrail
	// charges for each event. Default: none.
	DataEvents DataEvents
	// Disposable deletes the bucket with its stack, if the bucket is empty, and the
	// trail's own key. Default: false, both are retained.
	Disposable bool
}

// DataEvents are resources whose reads and writes a trail records.
type DataEvents struct {
	// TableARNs are the ARNs of DynamoDB tables. Default: none.
	TableARNs []string
	// BucketARNs are the ARNs of S3 buckets, of which all objects are recorded.
	// Default: none.
	BucketARNs []string
}

// AuditTrail is a CloudTrail trail that records the management events of all regions.
// Its log files are signed, encrypted with a customer-managed key, and locked.
type AuditTrail struct {
	constructs.Construct
	// Trail is the trail.
	Trail awscloudtrail.CfnTrail
	// Bucket holds the log files.
	Bucket *SecureBucket
}

// NewAuditTrail makes an AuditTrail. It panics with a *PropsError on invalid props.
func NewAuditTrail(scope constructs.Construct, id string, props *AuditTrailProps) *AuditTrail {
	p := valueOrZero(props)
	p.RetentionDays = orDefault(p.RetentionDays, defaultTrailDays)
	p.validate().panicIfAny("AuditTrail", scope, id)

	t := &AuditTrail{}
	constructs.NewConstruct_Override(t, scope, jsii.String(id))
	key := keyOrOwn(t, p.EncryptionKey, ownKey{
		services: []KeyService{KeyServiceCloudTrail, KeyServiceS3}, aliasPrefix: "cloudtrail",
		kind: "log files of the trail", name: p.Name, disposable: p.Disposable,
	})
	t.Bucket = NewSecureBucket(t, "Bucket", p.bucketProps(key))
	t.Trail = awscloudtrail.NewCfnTrail(t, jsii.String("Trail"), &awscloudtrail.CfnTrailProps{
		TrailName:                  jsii.String(p.Name),
		S3BucketName:               t.Bucket.Bucket.BucketName(),
		KmsKeyId:                   key.KeyArn(),
		IsLogging:                  jsii.Bool(true),
		IsMultiRegionTrail:         jsii.Bool(true),
		IncludeGlobalServiceEvents: jsii.Bool(true),
		EnableLogFileValidation:    jsii.Bool(true),
		AdvancedEventSelectors:     p.DataEvents.selectors(),
	})
	for _, statement := range t.deliveryStatements(p.Name) {
		added := t.Bucket.Bucket.AddToResourcePolicy(statement)
		t.Trail.Node().AddDependency(added.PolicyDependable) // CloudTrail checks at once whether it can deliver
	}
	return t
}

// ARN returns the trail's ARN, such as for a rule about calls that stop it.
func (t *AuditTrail) ARN() string { return *t.Trail.AttrArn() }

func (p AuditTrailProps) bucketProps(key awskms.IKey) *SecureBucketProps {
	bucket := &SecureBucketProps{
		Name:           p.BucketName,
		EncryptionKey:  key,
		LogBucket:      p.LogBucket,
		ExpireDays:     p.RetentionDays,
		NoncurrentDays: 1,
		Disposable:     p.Disposable,
	}
	if !p.Unlocked {
		bucket.LockDays, bucket.LockMode = p.RetentionDays, p.LockMode
	}
	return bucket
}

// deliveryStatements let this trail write its log files.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
func (t *AuditTrail) deliveryStatements(name string) []awsiam.PolicyStatement {
	stack := awscdk.Stack_Of(t)
	allow := func(sid, action, resource string, equals map[string]any) awsiam.PolicyStatement {
		equals["aws:SourceArn"] = trailARN(stack, name)
		return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String(sid),
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudtrail.amazonaws.com"), nil)},
			Actions:    jsii.Strings(action),
			Resources:  jsii.Strings(resource),
			Conditions: &map[string]any{"StringEquals": equals},
		})
	}
	files := *t.Bucket.Bucket.ArnForObjects(jsii.String("AWSLogs/" + *stack.Account() + "/*"))
	return []awsiam.PolicyStatement{
		allow("TrailChecksBucket", "s3:GetBucketAcl", *t.Bucket.Bucket.BucketArn(), map[string]any{}),
		allow("TrailWritesFiles", "s3:PutObject", files, map[string]any{"s3:x-amz-acl": "bucket-owner-full-control"}),
	}
}

// selectors returns the selectors of all management events and of the data events.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
func (e DataEvents) selectors() any {
	field := func(name string) *awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty {
		return &awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty{Field: jsii.String(name)}
	}
	equals := func(name, value string) any {
		selector := field(name)
		selector.EqualTo = jsii.Strings(value)
		return selector
	}
	startWith := func(arns []string) any {
		selector := field("resources.ARN")
		selector.StartsWith = jsii.Strings(arns...)
		return selector
	}
	selectors := []any{selector("Management events", equals("eventCategory", "Management"))}
	if len(e.TableARNs) > 0 {
		selectors = append(selectors, selector("Items of tables", equals("eventCategory", "Data"),
			equals("resources.type", "AWS::DynamoDB::Table"), startWith(e.TableARNs)))
	}
	if len(e.BucketARNs) > 0 {
		var objects []string
		for _, arn := range e.BucketARNs {
			objects = append(objects, arn+"/")
		}
		selectors = append(selectors, selector("Objects of buckets", equals("eventCategory", "Data"),
			equals("resources.type", "AWS::S3::Object"), startWith(objects)))
	}
	return &selectors
}

func selector(name string, fields ...any) any {
	return &awscloudtrail.CfnTrail_AdvancedEventSelectorProperty{Name: jsii.String(name), FieldSelectors: &fields}
}

const (
	defaultTrailDays = 365
	// The values of all selectors of one trail.
	// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
	maxSelectorValues = 500
)

// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html
var (
	trailNamePattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9]|[._-][A-Za-z0-9]){1,127}$`)
	tableARNPattern  = regexp.MustCompile(`^arn:[^:]+:dynamodb:[^:]+:[^:]+:table/`)
	bucketARNPattern = regexp.MustCompile(`^arn:[^:]+:s3:::[^/]+$`)
)

func (p *AuditTrailProps) validate() problems {
	var bad problems
	bad.require(trailNamePattern.MatchString(p.Name) && len(p.Name) >= 3 && len(p.Name) <= 128, "Name",
		"is %q; use 3 to 128 letters, digits, and single - _ . between them", p.Name)
	bad.requireBucketName("BucketName", p.BucketName)
	if p.LogBucket == nil {
		bad.require(len(p.BucketName+logBucketSuffix) <= 63, "BucketName", "has %d characters; use at most 58, or give a LogBucket", len(p.BucketName))
	}
	bad.require(p.RetentionDays >= 1 && p.RetentionDays <= maxLockDays, "RetentionDays", "is %d; use 1 to %d", p.RetentionDays, maxLockDays)
	bad.require(oneOf(p.LockMode, "", GovernanceLock, ComplianceLock), "LockMode", "is %q; use one of the LockMode constants", p.LockMode)
	bad.require(p.LockMode == "" || !p.Unlocked, "LockMode", "is %q, but Unlocked is set; leave one out", p.LockMode)
	p.DataEvents.check(&bad)
	return bad
}

func (e DataEvents) check(bad *problems) {
	for i, arn := range e.TableARNs {
		bad.require(isToken(arn) || tableARNPattern.MatchString(arn), fmt.Sprintf("DataEvents.TableARNs[%d]", i), "is %q; give the ARN of a table", arn)
	}
	for i, arn := range e.BucketARNs {
		at := fmt.Sprintf("DataEvents.BucketARNs[%d]", i)
		bad.require(isToken(arn) || bucketARNPattern.MatchString(arn), at, "is %q; give the ARN of a bucket, without objects", strings.TrimSpace(arn))
	}
	values := len(e.TableARNs) + len(e.BucketARNs)
	bad.require(values <= maxSelectorValues, "DataEvents", "are %d resources; CloudTrail allows about %d", values, maxSelectorValues)
}
