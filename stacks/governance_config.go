package stacks

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsconfig"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/policy"
)

// configRules maps the rules of package policy to AWS's rules that hold the account to the same claim after a
// change by hand. docs/governance.md has the same table.
// https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html
var configRules = map[string][]string{
	policy.Wildcard:         {"IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS"},
	policy.TableEncrypted:   {"DYNAMODB_TABLE_ENCRYPTED_KMS"},
	policy.TableRecoverable: {"DYNAMODB_PITR_ENABLED"},
	policy.TableProtected:   {"DYNAMODB_TABLE_DELETION_PROTECTION_ENABLED"},
	policy.BackedUp:         {"DYNAMODB_RESOURCES_PROTECTED_BY_BACKUP_PLAN"},
	policy.FunctionAlarm:    {"CLOUDWATCH_ALARM_ACTION_ENABLED_CHECK"},
	policy.PublicBucket:     {"S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED"},
	policy.PublicPrincipal:  {"LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED", "S3_BUCKET_PUBLIC_READ_PROHIBITED", "S3_BUCKET_PUBLIC_WRITE_PROHIBITED"},
	policy.PublicIngress:    {"VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS"},
}

// withoutConfigRule says why a rule of package policy has no rule of AWS Config.
var withoutConfigRule = map[string]string{
	policy.FunctionRole:     "AWS has no rule that compares the roles of functions. Drift detection finds a function that was given another role.",
	policy.FunctionEgress:   "AWS has no rule that compares routes with what functions call. Drift detection compares the subnets of functions.",
	policy.FunctionTraced:   "AWS has no rule for the tracing of functions. Drift detection compares it.",
	policy.FunctionLogs:     "AWS has no rule for the log group of functions. Drift detection compares it.",
	policy.LogRetention:     "AWS's rule finds log groups that keep events for too short, not for ever. Drift detection compares the retention.",
	policy.ConfusedDeputy:   "AWS has no rule for it. IAM Access Analyzer reports what other accounts can reach.",
	policy.PlaintextSecret:  "AWS has no rule that reads the variables of functions. Drift detection finds a variable that was added.",
	policy.StackSize:        "It is about templates, which have no counterpart in the account.",
	policy.StatefulID:       "It is about templates, which have no counterpart in the account.",
	policy.PhysicalName:     "It is about templates, which have no counterpart in the account.",
	policy.NagWarning:       "It is about the synth, which has no counterpart in the account.",
	policy.UnusedAcceptance: "It is about the synth, which has no counterpart in the account.",
}

// newRecorder runs AWS Config in the stack's region, with the rules of configRules that apply to the stage.
// AWS Config keeps the history of resources and delivers copies to the bucket. The trail's bucket cannot
// receive them, because it has a lock.
func newRecorder(stack awscdk.Stack, cfg config.Config, bucket awss3.Bucket) {
	role := newRecorderRole(stack, bucket)
	recorder := awsconfig.NewCfnConfigurationRecorder(stack, jsii.String("Recorder"), &awsconfig.CfnConfigurationRecorderProps{
		Name: jsii.String(cfg.PhysicalName("recorder")), RoleArn: role.RoleArn(),
		RecordingGroup: &awsconfig.CfnConfigurationRecorder_RecordingGroupProperty{
			AllSupported: jsii.Bool(true), IncludeGlobalResourceTypes: jsii.Bool(true), // Security Hub checks all types
		},
	})
	channel := awsconfig.NewCfnDeliveryChannel(stack, jsii.String("DeliveryChannel"), &awsconfig.CfnDeliveryChannelProps{
		Name: jsii.String(cfg.PhysicalName("config")), S3BucketName: bucket.BucketName(),
	})
	channel.Node().AddDependency(role) // AWS Config checks at once whether the role may deliver
	for _, rule := range slices.Sorted(maps.Keys(configRules)) {
		if rule == policy.BackedUp && !hasBackups(cfg) || rule == policy.TableProtected && cfg.Data.Disposable {
			continue
		}
		for _, identifier := range configRules[rule] {
			name := strings.ToLower(strings.ReplaceAll(identifier, "_", "-"))
			built := awsconfig.NewCfnConfigRule(stack, jsii.String(constructID("rule-"+name)), &awsconfig.CfnConfigRuleProps{
				ConfigRuleName: jsii.String(cfg.PhysicalName(name)),
				Description:    jsii.String("Holds the account to " + rule + " of docs/policy.md"),
				Source:         &awsconfig.CfnConfigRule_SourceProperty{Owner: jsii.String("AWS"), SourceIdentifier: jsii.String(identifier)},
			})
			built.Node().AddDependency(recorder, channel)
		}
	}
}

// newRecorderRole returns the role that reads the settings of all resources and writes to the bucket.
// https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html
func newRecorderRole(stack awscdk.Stack, bucket awss3.Bucket) awsiam.Role {
	allow := func(sid, action, resource string) awsiam.PolicyStatement {
		return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String(sid), Actions: jsii.Strings(action), Resources: jsii.Strings(resource),
		})
	}
	statements := []awsiam.PolicyStatement{
		allow("CheckBucket", "s3:GetBucketAcl", *bucket.BucketArn()),
		allow("Deliver", "s3:PutObject", *bucket.ArnForObjects(jsii.String("AWSLogs/" + *stack.Account() + "/*"))),
	}
	role := awsiam.NewRole(stack, jsii.String("RecorderRole"), &awsiam.RoleProps{
		Description: jsii.String("Lets AWS Config read the settings of all resources"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("config.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": *stack.Account()}},
		}),
		ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("service-role/AWS_ConfigRole"))},
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Delivery": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
		},
	})
	policy.Accept(role, "AwsSolutions-IAM4", "AWS keeps the service's policy up to date with the types that AWS Config records; it reads settings, not data.")
	acceptInlineRole(role, "AWS Config chooses the names of its files, so the policy can name their prefix only.")
	return role
}
