package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

// newTestMailbox keeps the e-mails to the stage's test domain for a day. An operator
// publishes the MX record of the output, and activates the rule set once, which
// CloudFormation cannot (docs/delivery.md).
func newTestMailbox(stack awscdk.Stack, cfg config.Config, storage *constructs.DataKey) *constructs.SecureBucket {
	bucket := constructs.NewSecureBucket(stack, "TestMailbox", &constructs.SecureBucketProps{
		Name: cfg.MailboxBucket(), EncryptionKey: storage.Key, ExpireDays: 1, NoncurrentDays: 1, AbortUploadDays: 1,
		Disposable: cfg.Data.Disposable,
	})
	policy.Accept(bucket, "NIST.800.53.R5-S3BucketReplicationEnabled", "E-mails of tests live for a day.")
	policy.Accept(bucket.LogBucket, "NIST.800.53.R5-S3DefaultEncryptionKMS",
		"S3 delivers access logs to buckets that it encrypts with keys of its own only.")
	name := cfg.PhysicalName("test-mailbox")
	rules := awsses.NewCfnReceiptRuleSet(stack, jsii.String("TestMailboxRules"), &awsses.CfnReceiptRuleSetProps{RuleSetName: jsii.String(name)})
	role := newReceiptRole(stack, name, bucket)
	rule := awsses.NewCfnReceiptRule(stack, jsii.String("TestMailboxRule"), &awsses.CfnReceiptRuleProps{
		RuleSetName: rules.Ref(),
		Rule: &awsses.CfnReceiptRule_RuleProperty{
			Name: jsii.String(name), Enabled: jsii.Bool(true), Recipients: jsii.Strings(cfg.MailDomain()),
			TlsPolicy: jsii.String("Require"), ScanEnabled: jsii.Bool(true),
			Actions: &[]any{&awsses.CfnReceiptRule_ActionProperty{S3Action: &awsses.CfnReceiptRule_S3ActionProperty{
				BucketName: bucket.Bucket.BucketName(), ObjectKeyPrefix: jsii.String(config.MailPrefix + "/"), IamRoleArn: role.RoleArn(),
			}}},
		},
	})
	rule.Node().AddDependency(role) // SES writes a test object when the rule is made
	awscdk.NewCfnOutput(stack, jsii.String("DnsTestMailbox"), &awscdk.CfnOutputProps{
		Description: jsii.String("Where e-mails to the test domain go"),
		Value:       jsii.String(fmt.Sprintf("%s. 3600 IN MX 10 inbound-smtp.%s.amazonaws.com.", cfg.MailDomain(), cfg.Region)),
	})
	return bucket
}

// newReceiptRole returns the role by which SES writes e-mails for one rule.
// https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html
func newReceiptRole(stack awscdk.Stack, ruleSet string, bucket *constructs.SecureBucket) awsiam.Role {
	rule := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ses"), Resource: jsii.String("receipt-rule-set/" + ruleSet + ":receipt-rule/" + ruleSet),
	})
	role := awsiam.NewRole(stack, jsii.String("TestMailboxRole"), &awsiam.RoleProps{
		Description: jsii.String("Writes the e-mails of tests"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ses.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": *stack.Account(), "aws:SourceArn": *rule}},
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"Write": grantDocument(bucket.AllowWrite(config.MailPrefix))},
	})
	acceptInlineRole(role, "SES names an object when an e-mail arrives, so the policy can name their prefix only.")
	return role
}

// grantDocument returns a grant as the policy of a role that is no function's.
func grantDocument(grant constructs.Grant) awsiam.PolicyDocument {
	var statements []awsiam.PolicyStatement
	for _, s := range grant {
		conditions := map[string]any{}
		for operator, keys := range s.Conditions {
			conditions[operator] = keys
		}
		statements = append(statements, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String(s.Sid), Actions: jsii.Strings(s.Actions...), Resources: jsii.Strings(s.Resources...), Conditions: &conditions,
		}))
	}
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements})
}
