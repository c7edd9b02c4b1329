package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// logWebACL logs the requests that a rule blocked or counted. Logging all requests
// would record every user's IP address.
func logWebACL(scope constructs.Construct, acl awswafv2.CfnWebACL, group awslogs.LogGroup, name string, policy awslogs.ResourcePolicy) {
	redacted := []any{map[string]any{"queryString": map[string]any{}}}
	for _, name := range secretHeaders {
		redacted = append(redacted, map[string]any{"singleHeader": map[string]any{"Name": name}})
	}
	condition := func(action string) map[string]any {
		return map[string]any{"ActionCondition": map[string]any{"Action": action}}
	}
	logging := awswafv2.NewCfnLoggingConfiguration(scope, jsii.String("WebACLLogging"), &awswafv2.CfnLoggingConfigurationProps{
		ResourceArn:           acl.AttrArn(),
		LogDestinationConfigs: &[]any{logGroupARN(scope, name)},
		RedactedFields:        redacted,
		LoggingFilter: map[string]any{
			"DefaultBehavior": "DROP",
			"Filters": []any{map[string]any{
				"Behavior": "KEEP", "Requirement": "MEETS_ANY",
				"Conditions": []any{condition("BLOCK"), condition("COUNT"), condition("EXCLUDED_AS_COUNT")},
			}},
		},
	})
	logging.Node().AddDependency(group, policy)
}

// webACLLogName returns the name of a log group with the prefix that AWS WAF
// requires.
// https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
func webACLLogName(name string) string { return "aws-waf-logs-" + name }

// edgeWebACLLogName returns the name of a log group for a CloudFront web ACL. A
// regional web ACL in us-east-1 may have the same name, so this name contains a
// slash, which no web ACL's name does.
func edgeWebACLLogName(name string) string { return webACLLogName("cloudfront/" + name) }

// allowLogDelivery lets the log delivery service write to log groups of the stack.
// Without this policy, the service writes a broad policy itself. The policy's name
// is unique in account and region. CDK's own name would be the same for every
// construct at the same path.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
func allowLogDelivery(scope constructs.Construct, name string, groups ...string) awslogs.ResourcePolicy {
	stack := awscdk.Stack_Of(scope)
	var streams []string
	for _, group := range groups {
		streams = append(streams, logGroupARN(scope, group)+":log-stream:*")
	}
	source := fmt.Sprintf("arn:%s:logs:%s:%s:*", *stack.Partition(), *stack.Region(), *stack.Account())
	return awslogs.NewResourcePolicy(scope, jsii.String("LogDelivery"), &awslogs.ResourcePolicyProps{
		ResourcePolicyName: jsii.String(name),
		PolicyStatements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String("LogDelivery"),
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("delivery.logs.amazonaws.com"), nil)},
			Actions:    jsii.Strings("logs:CreateLogStream", "logs:PutLogEvents"),
			Resources:  jsii.Strings(streams...),
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": *stack.Account()},
				"ArnLike":      map[string]any{"aws:SourceArn": source},
			},
		})},
	})
}

func logGroupARN(scope constructs.Construct, name string) string {
	stack := awscdk.Stack_Of(scope)
	return fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", *stack.Partition(), *stack.Region(), *stack.Account(), name)
}
