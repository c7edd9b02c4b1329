package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsxray"
	"github.com/aws/jsii-runtime-go"
)

// indexedPercent is the share of spans that X-Ray indexes as traces, which is free of
// charge. All spans can be searched in any case.
// https://aws.amazon.com/cloudwatch/pricing/
const indexedPercent = 1

// newTransactionSearch makes X-Ray keep spans in CloudWatch Logs, which spans over OTLP
// require. The setting applies to the account and region, which the stage has to
// itself.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Enable-TransactionSearch.html
func newTransactionSearch(stack awscdk.Stack) {
	group := func(name string) string {
		return *stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: jsii.String(name + ":*"),
			ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		})
	}
	document := stack.ToJsonString(map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Sid": "TransactionSearch", "Effect": "Allow",
			"Principal": map[string]any{"Service": "xray.amazonaws.com"},
			"Action":    "logs:PutLogEvents",
			"Resource":  []any{group("aws/spans"), group("/aws/application-signals/data")},
			"Condition": map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": *stack.Account()},
				"ArnLike":      map[string]any{"aws:SourceArn": "arn:" + *stack.Partition() + ":xray:" + *stack.Region() + ":" + *stack.Account() + ":*"},
			},
		}},
	}, nil)
	policy := awslogs.NewCfnResourcePolicy(stack, jsii.String("SpansPolicy"), &awslogs.CfnResourcePolicyProps{
		PolicyName: jsii.String("expenzez-spans"), PolicyDocument: document,
	})
	search := awsxray.NewCfnTransactionSearchConfig(stack, jsii.String("TransactionSearch"), &awsxray.CfnTransactionSearchConfigProps{
		IndexingPercentage: jsii.Number(indexedPercent),
	})
	search.Node().AddDependency(policy)
}
