package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsaccessanalyzer"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsguardduty"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecurityhub"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/policy"
)

// newGovernance makes AWS watch the account and copies its data. The stage has the account to itself, so
// the stack has one of each of the account's settings.
func newGovernance(stack awscdk.Stack, cfg config.Config, core *core, aliases map[function.Stack]int) {
	governance := cfg.Controls.Governance
	if governance.Trail == config.Own || governance.Recorder == config.Own {
		logs := newGovernanceLogs(stack, cfg)
		if governance.Trail == config.Own {
			newTrail(stack, cfg, logs)
		}
		if governance.Recorder == config.Own {
			newRecorder(stack, cfg, logs)
		}
	}
	newDetector(stack, governance)
	newSecurityHub(stack, governance)
	newAnalyzers(stack, cfg)
	newSpending(stack, cfg, core.alerts)
	newBackups(stack, cfg)
	newDriftDetection(stack, cfg)
	newFindingRules(stack, cfg, core.alerts, aliases)
}

// newEdgeGovernance watches the edge's region, where AWS also sends the events of the root user and of IAM. The
// trail covers all regions. AWS Config and Security Hub run in the stage's region only: the edge's region has
// the edge alone, which the drift detection compares.
func newEdgeGovernance(stack awscdk.Stack, cfg config.Config, alerts *constructs.AlertTopic) {
	newDetector(stack, cfg.Controls.Governance)
	newDriftDetection(stack, cfg)
	for _, f := range edgeFindings(cfg) {
		newFindingRule(stack, cfg, alerts, f)
	}
}

// newGovernanceLogs returns the bucket for the access logs of the trail's bucket and the files of AWS Config.
// Both profiles have it, so a stage that changes its profile keeps its buckets.
func newGovernanceLogs(stack awscdk.Stack, cfg config.Config) awss3.Bucket {
	logs := constructs.NewAccessLogBucket(stack, "AccessLogs", &constructs.AccessLogBucketProps{
		Name: cfg.BucketName("governance-logs"), Disposable: cfg.Data.Disposable,
	})
	policy.Accept(logs, "NIST.800.53.R5-S3BucketReplicationEnabled", "The files are kept for 90 days; the trail says more than the access logs, and AWS Config keeps the history itself.")
	policy.Accept(logs, "NIST.800.53.R5-S3DefaultEncryptionKMS", "S3 delivers access logs to buckets that it encrypts with keys of its own only.")
	policy.Accept(logs, "AwsSolutions-S1", "The bucket holds access logs; a log of its own would grow by each log that it receives.")
	return logs
}

// newTrail records the API calls of all regions. Tables are named instead of referred to, so that the trail
// never blocks their removal.
func newTrail(stack awscdk.Stack, cfg config.Config, logs awss3.Bucket) {
	governance := cfg.Controls.Governance
	props := &constructs.AuditTrailProps{
		Name: cfg.PhysicalName("trail"), BucketName: cfg.BucketName("trail"), LogBucket: logs,
		RetentionDays: governance.TrailDays,
		Unlocked:      governance.TrailLock == config.Unlocked, LockMode: constructs.LockMode(governance.TrailLock),
		Disposable: cfg.Data.Disposable,
	}
	if governance.DataEvents {
		for _, table := range tables.All() {
			props.DataEvents.TableARNs = append(props.DataEvents.TableARNs, tableARN(stack, cfg, table))
		}
		for _, bucket := range buckets.All() {
			props.DataEvents.BucketARNs = append(props.DataEvents.BucketARNs, "arn:aws:s3:::"+cfg.BucketName(bucket.Name))
		}
	}
	trail := constructs.NewAuditTrail(stack, "Trail", props)
	policy.Accept(trail, "NIST.800.53.R5-CloudTrailCloudWatchLogsEnabled",
		"EventBridge gets each management event within minutes, so alerts need no copy in CloudWatch Logs.")
	policy.Accept(trail, "NIST.800.53.R5-S3BucketReplicationEnabled",
		"S3 keeps the log files in three zones, and the lock keeps them from deletion.")
}

func tableARN(stack awscdk.Stack, cfg config.Config, table *tables.Table) string {
	return *stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("dynamodb"), Resource: jsii.String("table"), ResourceName: jsii.String(cfg.PhysicalName(table.Name)),
	})
}

// newDetector runs GuardDuty in the stack's region. Features for servers and clusters, which the stage does
// not have, stay off.
// https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-features-activation-model.html
func newDetector(stack awscdk.Stack, governance config.Governance) {
	if governance.ThreatDetection != config.Own {
		return
	}
	var features []any
	for _, feature := range []struct{ name, status string }{
		{"S3_DATA_EVENTS", "ENABLED"}, {"LAMBDA_NETWORK_LOGS", "ENABLED"},
		{"EKS_AUDIT_LOGS", "DISABLED"}, {"EBS_MALWARE_PROTECTION", "DISABLED"}, {"RDS_LOGIN_EVENTS", "DISABLED"}, {"RUNTIME_MONITORING", "DISABLED"},
	} {
		features = append(features, &awsguardduty.CfnDetector_CFNFeatureConfigurationProperty{
			Name: jsii.String(feature.name), Status: jsii.String(feature.status),
		})
	}
	awsguardduty.NewCfnDetector(stack, jsii.String("Detector"), &awsguardduty.CfnDetectorProps{
		Enable: jsii.Bool(true), Features: &features,
		FindingPublishingFrequency: jsii.String("FIFTEEN_MINUTES"), // how often a finding that recurs is sent again
	})
}

// foundationalStandard is the name of the standard in its ARN.
// https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html
const foundationalStandard = "aws-foundational-security-best-practices/v/1.0.0"

func newSecurityHub(stack awscdk.Stack, governance config.Governance) {
	if governance.Posture != config.Own {
		return
	}
	hub := awssecurityhub.NewCfnHub(stack, jsii.String("SecurityHub"), &awssecurityhub.CfnHubProps{
		EnableDefaultStandards:  jsii.Bool(false), // the default has the CIS benchmark as well, which costs the same again
		AutoEnableControls:      jsii.Bool(true),
		ControlFindingGenerator: jsii.String("SECURITY_CONTROL"),
	})
	standard := awssecurityhub.NewCfnStandard(stack, jsii.String("FoundationalStandard"), &awssecurityhub.CfnStandardProps{
		StandardsArn: jsii.String("arn:" + *stack.Partition() + ":securityhub:" + *stack.Region() + "::standards/" + foundationalStandard),
	})
	standard.Node().AddDependency(hub)
}

// unusedDays is after how many days without use a permission is reported.
const unusedDays = 90

func newAnalyzers(stack awscdk.Stack, cfg config.Config) {
	governance := cfg.Controls.Governance
	if governance.ExternalAccess == config.Own {
		awsaccessanalyzer.NewCfnAnalyzer(stack, jsii.String("ExternalAccess"), &awsaccessanalyzer.CfnAnalyzerProps{
			Type: jsii.String("ACCOUNT"), AnalyzerName: jsii.String(cfg.PhysicalName("external-access")),
		})
	}
	if governance.UnusedAccess == config.Own {
		awsaccessanalyzer.NewCfnAnalyzer(stack, jsii.String("UnusedAccess"), &awsaccessanalyzer.CfnAnalyzerProps{
			Type: jsii.String("ACCOUNT_UNUSED_ACCESS"), AnalyzerName: jsii.String(cfg.PhysicalName("unused-access")),
			AnalyzerConfiguration: &awsaccessanalyzer.CfnAnalyzer_AnalyzerConfigurationProperty{
				UnusedAccessConfiguration: &awsaccessanalyzer.CfnAnalyzer_UnusedAccessConfigurationProperty{UnusedAccessAge: jsii.Number(unusedDays)},
			},
		})
	}
}
