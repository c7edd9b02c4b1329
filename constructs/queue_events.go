package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// TakeEvents puts the events of the account's default event bus that match a pattern on
// the consumer's queue, as EventBridge writes them. An event that EventBridge cannot
// deliver within 24 hours goes to the consumer's dead letters. The pattern is that of
// EventBridge as JSON: {"source": ["aws.s3"], ...}.
//
// The key of the queue must let EventBridge use it, as a DataKey with KeyServiceSQS does.
// TakeEvents panics with a *PropsError if the pattern is empty, or if the consumer's queue
// is not made by the consumer, since the policy of that queue must let the rule in.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
func (c *QueueConsumer) TakeEvents(id, description string, pattern map[string]any) awsevents.CfnRule {
	var bad problems
	bad.require(len(pattern) > 0, "pattern", "is empty; say which events are taken, such as a source and a detail-type")
	bad.require(c.ownQueue != nil, "consumer", "has a queue that it did not make; leave its Queue out")
	bad.panicIfAny("QueueConsumer.TakeEvents", c, id)

	rule := awsevents.NewCfnRule(c, jsii.String(id), &awsevents.CfnRuleProps{
		Description:  jsii.String(description),
		EventPattern: pattern,
		Targets: &[]any{&awsevents.CfnRule_TargetProperty{
			Id:               jsii.String("Queue"),
			Arn:              c.Queue.QueueArn(),
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: c.DeadLetters.QueueArn()},
		}},
	})
	for _, queue := range []awssqs.IQueue{c.Queue, c.DeadLetters} {
		allowRule(queue, rule, sidOf(c, "Events", id))
	}
	return rule
}

// allowRule lets a rule send to a queue.
func allowRule(queue awssqs.IQueue, rule awsevents.CfnRule, sid string) {
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String(sid),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  jsii.Strings(*queue.QueueArn()),
		Conditions: &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": *rule.AttrArn()}},
	}))
}

// ObjectsCreated is the pattern of the events of new objects in a bucket, for
// QueueConsumer.TakeEvents. The bucket must have EventBridge on (SecureBucketProps).
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
func ObjectsCreated(bucket *SecureBucket) map[string]any {
	requireNotNil("ObjectsCreated", "bucket", bucket)
	return map[string]any{
		"source":      []string{"aws.s3"},
		"detail-type": []string{"Object Created"},
		"detail":      map[string]any{"bucket": map[string]any{"name": []string{*bucket.Bucket.BucketName()}}},
	}
}
