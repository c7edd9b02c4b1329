package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// The services that publish alerts.
const eventBridge = "events.amazonaws.com"

var alertServices = []string{
	"cloudwatch.amazonaws.com", // alarms
	"budgets.amazonaws.com",
	"costalerts.amazonaws.com", // Cost Anomaly Detection
}

// publishKeyActions are the KMS operations that SNS calls with the publisher's
// permissions.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
var publishKeyActions = []string{"kms:Decrypt", "kms:GenerateDataKey"}

// sourceAccount returns the condition that a service acts for this account. Without
// the condition, an alarm of any account could publish here by naming the topic's
// ARN.
func sourceAccount(stack awscdk.Stack) map[string]any {
	return map[string]any{"aws:SourceAccount": *stack.Account()}
}

// alertKeyStatements lets the alert services publish to any topic of the account
// under the key. SNS does not support aws:SourceAccount in a key policy for
// EventBridge, and EventBridge messages would be lost without an error. For
// EventBridge, only the encryption context, which SNS sets, limits the key to the
// account's topics.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func alertKeyStatements(stack awscdk.Stack) []awsiam.PolicyStatement {
	topics := map[string]any{"kms:EncryptionContext:aws:sns:topicArn": topicARN(stack, "*")}
	through := map[string]any{
		"kms:CallerAccount": *stack.Account(),
		"kms:ViaService":    oneOrMore(viaService(stack, "sns")),
	}
	return []awsiam.PolicyStatement{
		keyStatement("AlertsOfTheAccount", awsiam.NewCompositePrincipal(services(alertServices...)...), publishKeyActions,
			map[string]any{"StringEquals": sourceAccount(stack), "ArnLike": topics}),
		keyStatement("EventsToTopicsOfTheAccount", services(eventBridge)[0], publishKeyActions,
			map[string]any{"ArnLike": topics}),
		keyStatement("AlertsThroughSNS", awsiam.NewAccountRootPrincipal(), publishKeyActions,
			map[string]any{"StringEquals": through}),
	}
}

// allowAlertSources lets the alert services publish to the topic for this account
// only.
func allowAlertSources(topic awssns.Topic) {
	publishers := services(append([]string{eventBridge}, alertServices...)...)
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("AlertsOfTheAccount"),
		Principals: &publishers,
		Actions:    jsii.Strings("sns:Publish"),
		Resources:  jsii.Strings(*topic.TopicArn()),
		Conditions: &map[string]any{"StringEquals": sourceAccount(awscdk.Stack_Of(topic))},
	}))
}

func services(names ...string) []awsiam.IPrincipal {
	principals := make([]awsiam.IPrincipal, len(names))
	for i, name := range names {
		principals[i] = awsiam.NewServicePrincipal(jsii.String(name), nil)
	}
	return principals
}

func topicARN(stack awscdk.Stack, name string) string {
	return fmt.Sprintf("arn:%s:sns:%s:%s:%s", *stack.Partition(), *stack.Region(), *stack.Account(), name)
}
