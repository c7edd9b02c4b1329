package constructs

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// denyStatements returns the statements that deny requests whatever a role may do.
// CDK adds its own statement against old TLS versions.
func (b *SecureBucket) denyStatements(p SecureBucketProps) []awsiam.PolicyStatement {
	statements := []awsiam.PolicyStatement{
		b.denyOtherValue("OtherEncryption", "s3:x-amz-server-side-encryption", "aws:kms"),
		b.denyOtherValue("OtherKeys", "s3:x-amz-server-side-encryption-aws-kms-key-id", *b.encryptionKey.KeyArn()),
	}
	// The s3:authType values of requests that are not signed by the Authorization
	// header.
	// https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
	var refused []string
	if p.PresignedMaxAge == 0 {
		refused = append(refused, "REST-QUERY-STRING")
	} else {
		age := strconv.FormatInt(p.PresignedMaxAge.Milliseconds(), 10)
		statements = append(statements, b.deny("OldPresignedURLs", "s3:*", map[string]any{
			"StringEquals":       map[string]any{"s3:authType": "REST-QUERY-STRING"},
			"NumericGreaterThan": map[string]any{"s3:signatureAge": age},
		}))
	}
	if !p.PresignedForms {
		refused = append(refused, "POST")
	}
	if len(refused) > 0 {
		statements = append(statements, b.deny("PresignedRequests", "s3:*", map[string]any{
			"StringEquals": map[string]any{"s3:authType": refused},
		}))
	}
	return statements
}

// denyOtherValue denies uploads that request a value other than the bucket's own.
// An upload that requests no value gets the bucket's own and must pass.
// StringNotEquals also matches an absent key, so the Null condition excludes that
// case.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func (b *SecureBucket) denyOtherValue(sid, key, own string) awsiam.PolicyStatement {
	return b.deny(sid, "s3:PutObject", map[string]any{
		"Null":            map[string]any{key: "false"},
		"StringNotEquals": map[string]any{key: own},
	})
}

func (b *SecureBucket) deny(sid, action string, conditions map[string]any) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String(sid),
		Effect:     awsiam.Effect_DENY,
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions:    jsii.Strings(action),
		Resources:  jsii.Strings(*b.Bucket.BucketArn(), *b.Bucket.ArnForObjects(jsii.String("*"))),
		Conditions: &conditions,
	})
}
