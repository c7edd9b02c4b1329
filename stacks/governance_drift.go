package stacks

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/policy"
)

// driftSchedule is when CloudFormation compares the stacks with their templates: Monday morning, in UTC.
const driftSchedule = "cron(0 5 ? * MON *)"

// newDriftDetection makes EventBridge Scheduler start a drift detection of each stack in the region. It calls
// CloudFormation itself, without a function. CloudFormation sends an event at the end (see drift). Call it
// after all other stacks are made.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
func newDriftDetection(stack awscdk.Stack, cfg config.Config) {
	if !cfg.Controls.Governance.Drift {
		return
	}
	names := stacksInRegion(stack)
	role := newDriftRole(stack, names)
	for _, name := range names {
		awsscheduler.NewCfnSchedule(stack, jsii.String("Drift-"+strings.TrimPrefix(name, cfg.PhysicalName(""))), &awsscheduler.CfnScheduleProps{
			Name:               jsii.String(name + "-drift"),
			Description:        jsii.String("Compares the stack with its template"),
			ScheduleExpression: jsii.String(driftSchedule),
			FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("FLEXIBLE"), MaximumWindowInMinutes: jsii.Number(60)},
			Target: &awsscheduler.CfnSchedule_TargetProperty{
				Arn:     jsii.String("arn:" + *stack.Partition() + ":scheduler:::aws-sdk:cloudformation:detectStackDrift"),
				RoleArn: role.RoleArn(),
				Input:   jsii.String(`{"StackName":"` + name + `"}`),
				RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
					MaximumEventAgeInSeconds: jsii.Number(3600), MaximumRetryAttempts: jsii.Number(3),
				},
			},
		})
	}
}

// stacksInRegion returns the names of the app's stacks in the stack's region.
func stacksInRegion(stack awscdk.Stack) (names []string) {
	for _, child := range *stack.Node().Scope().Node().Children() {
		if !*awscdk.Stack_IsStack(child) {
			continue
		}
		if other := awscdk.Stack_Of(child); *other.Region() == *stack.Region() {
			names = append(names, *other.StackName())
		}
	}
	return names
}

// newDriftRole returns the role that starts drift detections. CloudFormation reads the resources with the
// role of its caller.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
func newDriftRole(stack awscdk.Stack, names []string) awsiam.Role {
	var stackARNs, reads []string
	for _, name := range names {
		stackARNs = append(stackARNs, *stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("cloudformation"), Resource: jsii.String("stack"), ResourceName: jsii.String(name + "/*"),
		}))
	}
	for _, service := range slices.Sorted(maps.Keys(driftReads)) {
		reads = append(reads, driftReads[service]...)
	}
	statement := func(sid string, actions, resources []string) awsiam.PolicyStatement {
		return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String(sid), Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...),
		})
	}
	role := awsiam.NewRole(stack, jsii.String("DriftRole"), &awsiam.RoleProps{
		Description: jsii.String("Compares the stacks with their templates"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": *stack.Account()}},
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Drift": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
				statement("Compare", []string{"cloudformation:DetectStackDrift", "cloudformation:DetectStackResourceDrift"}, stackARNs),
				statement("ReadSettings", reads, []string{"*"}),
			}}),
		},
	})
	policy.Accept(role, policy.Wildcard,
		"The ids of the stacks' resources are known after the deployment only; each action reads settings and no data.")
	acceptInlineRole(role, "The role reads the settings of every resource of the stacks, whose ids are known after the deployment only, and no data.")
	return role
}

// acceptInlineRole accepts what cdk-nag says about the policy of a role for an AWS service.
func acceptInlineRole(role awsiam.Role, wildcards string) {
	policy.Accept(role, "AwsSolutions-IAM5", wildcards)
	policy.Accept(role, "NIST.800.53.R5-IAMNoInlinePolicy",
		"The policy belongs to one role and is deleted with it; a managed policy could be attached to other roles.")
}

// driftReads maps the services of resource types to the actions that read the settings of their resources.
// None reads data: no item, object, message, log event or secret.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html
var driftReads = map[string][]string{
	"AccessAnalyzer":     {"access-analyzer:GetAnalyzer"},
	"ApiGatewayV2":       {"apigateway:GET"},
	"Backup":             {"backup:DescribeBackupVault", "backup:GetBackupPlan", "backup:GetBackupSelection", "backup:GetBackupVaultAccessPolicy", "backup:GetBackupVaultNotifications", "backup:GetRestoreTestingPlan", "backup:GetRestoreTestingSelection", "backup:ListTags"},
	"Budgets":            {"budgets:ViewBudget"},
	"CE":                 {"ce:GetAnomalyMonitors", "ce:GetAnomalySubscriptions", "ce:ListTagsForResource"},
	"CertificateManager": {"acm:DescribeCertificate", "acm:ListTagsForCertificate"},
	"CloudFormation":     {"cloudformation:BatchDescribeTypeConfigurations"},
	"CloudFront":         {"cloudfront:DescribeFunction", "cloudfront:GetDistribution", "cloudfront:GetDistributionConfig", "cloudfront:GetFunction", "cloudfront:GetResponseHeadersPolicy", "cloudfront:ListTagsForResource"},
	"CloudTrail":         {"cloudtrail:DescribeTrails", "cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus", "cloudtrail:ListTags"},
	"CloudWatch":         {"cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource"},
	"Cognito":            {"cognito-idp:DescribeRiskConfiguration", "cognito-idp:DescribeUserPool", "cognito-idp:DescribeUserPoolClient", "cognito-idp:GetUserPoolMfaConfig"},
	"Config":             {"config:DescribeConfigRules", "config:DescribeConfigurationRecorderStatus", "config:DescribeConfigurationRecorders", "config:DescribeDeliveryChannels", "config:ListTagsForResource"},
	"DynamoDB":           {"dynamodb:DescribeContinuousBackups", "dynamodb:DescribeContributorInsights", "dynamodb:DescribeKinesisStreamingDestination", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:GetResourcePolicy", "dynamodb:ListTagsOfResource"},
	"EC2":                {"ec2:DescribeAddresses", "ec2:DescribeEgressOnlyInternetGateways", "ec2:DescribeFlowLogs", "ec2:DescribeInstances", "ec2:DescribeInternetGateways", "ec2:DescribeLaunchTemplates", "ec2:DescribeNatGateways", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeTags", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs"},
	"Events":             {"events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"},
	"GuardDuty":          {"guardduty:GetDetector", "guardduty:ListDetectors"},
	"IAM":                {"iam:GetInstanceProfile", "iam:GetOpenIDConnectProvider", "iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"},
	"KMS":                {"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListResourceTags"},
	"Lambda":             {"lambda:GetAlias", "lambda:GetEventSourceMapping", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConfiguration", "lambda:GetFunctionEventInvokeConfig", "lambda:GetFunctionRecursionConfig", "lambda:GetPolicy", "lambda:GetProvisionedConcurrencyConfig", "lambda:GetRuntimeManagementConfig", "lambda:ListTags", "lambda:ListVersionsByFunction"},
	"Logs":               {"logs:DescribeDeliveries", "logs:DescribeIndexPolicies", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:GetDataProtectionPolicy", "logs:GetDelivery", "logs:GetDeliveryDestination", "logs:GetDeliverySource", "logs:ListTagsForResource"},
	"Route53":            {"route53:GetHostedZone", "route53:ListResourceRecordSets"},
	"S3":                 {"s3:GetAccelerateConfiguration", "s3:GetAnalyticsConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLocation", "s3:GetBucketLogging", "s3:GetBucketNotification", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:GetIntelligentTieringConfiguration", "s3:GetInventoryConfiguration", "s3:GetLifecycleConfiguration", "s3:GetMetricsConfiguration", "s3:GetReplicationConfiguration"},
	"SES":                {"ses:DescribeReceiptRule", "ses:DescribeReceiptRuleSet", "ses:GetConfigurationSet", "ses:GetEmailIdentity"},
	"SNS":                {"sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"},
	"SQS":                {"sqs:GetQueueAttributes", "sqs:ListQueueTags"},
	"Scheduler":          {"scheduler:GetSchedule", "scheduler:GetScheduleGroup"},
	"SecretsManager":     {"secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"},
	"SecurityHub":        {"securityhub:DescribeHub", "securityhub:GetEnabledStandards"},
	"WAFv2":              {"wafv2:GetIPSet", "wafv2:GetLoggingConfiguration", "wafv2:GetWebACL", "wafv2:GetWebACLForResource", "wafv2:ListTagsForResource"},
	"XRay":               {"xray:GetIndexingRules", "xray:GetTraceSegmentDestination"},
}

// DriftServices returns the services whose resources a drift detection can read, such as "DynamoDB".
func DriftServices() []string { return slices.Sorted(maps.Keys(driftReads)) }
