package constructs_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewAuditTrail() {
	stack := newStack()
	orders := constructs.NewSecureTable(stack, "Orders", &constructs.SecureTableProps{
		Name: "shop-prod-orders", PartitionKey: constructs.TableKey{Name: "orderId"},
	})
	trail := constructs.NewAuditTrail(stack, "Trail", &constructs.AuditTrailProps{
		Name:       "shop-prod",
		BucketName: "shop-prod-trail-111122223333",
		DataEvents: constructs.DataEvents{TableARNs: []string{*orders.Table.TableArn()}},
	})
	fmt.Println(*trail.Trail.TrailName())
	// Output: shop-prod
}

func auditTrail(props constructs.AuditTrailProps) map[string]any {
	props.Name, props.BucketName = "shop", "shop-trail"
	return build(func(stack awscdk.Stack) { constructs.NewAuditTrail(stack, "Audit", &props) })
}

var plainTrail = sync.OnceValue(func() map[string]any { return auditTrail(constructs.AuditTrailProps{}) })

func TestAuditTrail_Defaults_RecordAllRegionsSigned(t *testing.T) {
	trail := at(only(t, plainTrail(), "AWS::CloudTrail::Trail"), "Properties")
	for property, want := range map[string]string{
		"TrailName": `"shop"`, "IsLogging": `true`, "IsMultiRegionTrail": `true`, "IncludeGlobalServiceEvents": `true`, "EnableLogFileValidation": `true`,
		"AdvancedEventSelectors": `[{"Name": "Management events", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]`,
	} {
		equal(t, property, at(trail, property), want)
	}
}

func TestAuditTrail_LogFiles_AreEncryptedAndLockedForRetention(t *testing.T) {
	key, resource := metricOf(t, plainTrail(), "AWS::KMS::Key", "AuditEncryptionKey")
	equal(t, "key", at(only(t, plainTrail(), "AWS::CloudTrail::Trail"), "Properties", "KMSKeyId"), fmt.Sprintf(`{"Fn::GetAtt": [%q, "Arn"]}`, key))
	equal(t, "key policy", any(statement(resource, "TrailsOfTheAccount")), `{
		"Sid": "TrailsOfTheAccount", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Resource": "*",
		"Action": ["kms:DescribeKey", "kms:GenerateDataKey"],
		"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"},
			"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-2:111122223333:trail/*"}}}`)
	bucket := trailBucket(t, plainTrail())
	equal(t, "lock", at(bucket, "ObjectLockConfiguration"),
		`{"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Days": 365, "Mode": "GOVERNANCE"}}}`)
	equal(t, "expiry", at(bucket, "LifecycleConfiguration", "Rules", 0, "ExpirationInDays"), `365`)
}

func trailBucket(t *testing.T, template map[string]any) any {
	t.Helper()
	for _, bucket := range all(template, "AWS::S3::Bucket") {
		if at(bucket, "Properties", "BucketName") == "shop-trail" {
			return bucket["Properties"]
		}
	}
	t.Fatal("there is no bucket for the log files")
	return nil
}

func TestAuditTrail_Delivery_IsAllowedToThisTrailOnly(t *testing.T) {
	for sid, want := range map[string]string{
		"TrailChecksBucket": `{"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-2:111122223333:trail/shop"}}`,
		"TrailWritesFiles": `{"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-2:111122223333:trail/shop",
			"s3:x-amz-acl": "bucket-owner-full-control"}}`,
	} {
		equal(t, sid, statement(plainTrail(), sid)["Condition"], want)
	}
	trail := only(t, plainTrail(), "AWS::CloudTrail::Trail")
	policy, _ := metricOf(t, plainTrail(), "AWS::S3::BucketPolicy", "AuditBucketPolicy")
	equal(t, "order", trail["DependsOn"], fmt.Sprintf(`[%q]`, policy))
}

func TestAuditTrail_DataEvents_NameTablesAndObjects(t *testing.T) {
	template := auditTrail(constructs.AuditTrailProps{DataEvents: constructs.DataEvents{
		TableARNs: []string{"arn:aws:dynamodb:eu-west-2:111122223333:table/users"}, BucketARNs: []string{"arn:aws:s3:::receipts"},
	}})
	selectors := at(only(t, template, "AWS::CloudTrail::Trail"), "Properties", "AdvancedEventSelectors")
	equal(t, "tables", at(selectors, 1, "FieldSelectors"), `[
		{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]},
		{"Field": "resources.ARN", "StartsWith": ["arn:aws:dynamodb:eu-west-2:111122223333:table/users"]}]`)
	equal(t, "objects", at(selectors, 2, "FieldSelectors", 2), `{"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::receipts/"]}`)
}

func TestAuditTrail_ComplianceOrUnlocked_IsTheCallersChoice(t *testing.T) {
	compliance := trailBucket(t, auditTrail(constructs.AuditTrailProps{LockMode: constructs.ComplianceLock, RetentionDays: 90}))
	equal(t, "compliance", at(compliance, "ObjectLockConfiguration", "Rule", "DefaultRetention"), `{"Days": 90, "Mode": "COMPLIANCE"}`)
	equal(t, "unlocked", at(trailBucket(t, auditTrail(constructs.AuditTrailProps{Unlocked: true})), "ObjectLockConfiguration"), `null`)
}

func TestAuditTrail_WrongProps_AreRefused(t *testing.T) {
	stack := newStack()
	refused(t, func() { constructs.NewAuditTrail(stack, "None", nil) }, "Name", "BucketName")
	refused(t, func() {
		constructs.NewAuditTrail(stack, "Wrong", &constructs.AuditTrailProps{Name: "shop", BucketName: "shop-trail", RetentionDays: -1, LockMode: "SOFT", Unlocked: true,
			DataEvents: constructs.DataEvents{TableARNs: []string{"users"}, BucketARNs: []string{"arn:aws:s3:::receipts/2026"}}})
	}, "RetentionDays", "LockMode", "LockMode", "DataEvents.TableARNs[0]", "DataEvents.BucketARNs[0]")
}

func TestSecureBucket_LockModeWithoutDays_IsRefused(t *testing.T) {
	refused(t, func() {
		constructs.NewSecureBucket(newStack(), "Receipts", &constructs.SecureBucketProps{Name: "receipts", LockMode: constructs.ComplianceLock})
	}, "LockMode")
}
