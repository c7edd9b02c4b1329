package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleQueueConsumer_TakeEvents() {
	stack := newStack()
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "shop-prod-alerts"})
	bucket := constructs.NewSecureBucket(stack, "Labels", &constructs.SecureBucketProps{Name: "shop-prod-labels", EventBridge: true})
	consumer := constructs.NewQueueConsumer(stack, "Labels-Reader", &constructs.QueueConsumerProps{
		Name: "shop-prod-labels",
		Function: constructs.NewLeastPrivilegeFunction(stack, "Read", &constructs.LeastPrivilegeFunctionProps{
			Name: "shop-prod-read", Code: constructs.GoBundle{Package: "./testdata/hello", OutputDir: outputDir()},
		}),
		Alarms: constructs.QueueAlarms{
			Route: constructs.AlarmRoute{Target: alerts, RunbookURL: "https://example.com/runbooks/queues"},
		},
	})
	consumer.TakeEvents("NewLabels", "Reads labels", constructs.ObjectsCreated(bucket))
	fmt.Println(constructs.ObjectsCreated(bucket)["source"])
	// Output: [aws.s3]
}

func TestTakeEvents_ObjectsOfABucket_ReachTheQueueAndLoseNothing(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		bucket := constructs.NewSecureBucket(stack, "Labels", &constructs.SecureBucketProps{Name: "labels-of-parcels", EventBridge: true})
		consumer(t, stack, nil).TakeEvents("NewLabels", "Reads labels", constructs.ObjectsCreated(bucket))
	})
	rule := only(t, template, "AWS::Events::Rule")["Properties"]
	equal(t, "source", at(rule, "EventPattern", "source"), `["aws.s3"]`)
	equal(t, "detail type", at(rule, "EventPattern", "detail-type"), `["Object Created"]`)
	if at(rule, "EventPattern", "detail", "bucket", "name", 0, "Ref") == nil {
		t.Errorf("the pattern takes objects of any bucket: %v", at(rule, "EventPattern"))
	}
	queue, _ := at(rule, "Targets", 0, "Arn", "Fn::GetAtt", 0).(string)
	equal(t, "queue", at(template, "Resources", queue, "Properties", "QueueName"), `"parcels"`)
	dead, _ := at(rule, "Targets", 0, "DeadLetterConfig", "Arn", "Fn::GetAtt", 0).(string)
	equal(t, "dead letters", at(template, "Resources", dead, "Properties", "QueueName"), `"parcels-dead-letters"`)
	lets := statement(template, "ParcelsEventsNewLabels")
	equal(t, "principal", at(lets, "Principal"), `{"Service": "events.amazonaws.com"}`)
	if at(lets, "Condition", "ArnEquals", "aws:SourceArn", "Fn::GetAtt") == nil {
		t.Errorf("the queue lets in %v, not this rule only", at(lets, "Condition"))
	}
	key := statement(template, "EventsToQueues")
	if at(key, "Condition", "ArnLike", "kms:EncryptionContext:aws:sqs:arn") == nil {
		t.Error("EventBridge may use the queue's key for anything")
	}
}

func TestTakeEvents_EmptyPatternOrExistingQueue_IsRefused(t *testing.T) {
	refused(t, func() { consumer(t, newStack(), nil).TakeEvents("All", "Everything", nil) }, "pattern")
	refused(t, func() {
		stack := newStack()
		key := constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{Alias: "q", Services: []constructs.KeyService{constructs.KeyServiceSQS}}).Key
		dead := awssqs.NewQueue(stack, jsii.String("Dead"), &awssqs.QueueProps{EncryptionMasterKey: key})
		queue := awssqs.NewQueue(stack, jsii.String("Q"), &awssqs.QueueProps{
			EncryptionMasterKey: key, VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(10)),
			DeadLetterQueue: &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(5)},
		})
		consumer(t, stack, func(p *constructs.QueueConsumerProps) { p.Queue = queue }).
			TakeEvents("New", "New objects", map[string]any{"source": []string{"aws.s3"}})
	}, "consumer")
}
