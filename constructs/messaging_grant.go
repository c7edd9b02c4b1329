package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
)

// AllowSend grants sending messages to one queue, and the use of its key for that
// through SQS, for this queue only.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
func AllowSend(queue awssqs.IQueue) Grant {
	requireNotNil("AllowSend", "queue", queue)
	return sendGrant(sidOf(queue, "Send"), queue)
}

func sendGrant(sid string, queue awssqs.IQueue) Grant {
	return withServiceKey(queue, "sqs", queue.EncryptionMasterKey(), []KeyOperation{Decrypt, GenerateDataKey},
		Statement{Sid: sid, Actions: []string{"sqs:SendMessage"}, Resources: []string{*queue.QueueArn()}})
}

// AllowConsume grants receiving and deleting messages of one queue, and decrypting
// them with the queue's key through SQS, for this queue only. A function needs it when the queue is
// its event source.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func AllowConsume(queue awssqs.IQueue) Grant {
	requireNotNil("AllowConsume", "queue", queue)
	return consumeGrant(sidOf(queue, "Consume"), queue)
}

func consumeGrant(sid string, queue awssqs.IQueue) Grant {
	return withServiceKey(queue, "sqs", queue.EncryptionMasterKey(), []KeyOperation{Decrypt}, Statement{
		Sid: sid,
		Actions: []string{
			"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
		},
		Resources: []string{*queue.QueueArn()},
	})
}

// AllowPublish grants publishing to one topic, and the use of its key for that
// through SNS, for this topic only.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func AllowPublish(topic awssns.ITopic) Grant {
	requireNotNil("AllowPublish", "topic", topic)
	return publishGrant(sidOf(topic, "Publish"), topic)
}

func publishGrant(sid string, topic awssns.ITopic) Grant {
	return withServiceKey(topic, "sns", topic.MasterKey(), []KeyOperation{Decrypt, GenerateDataKey},
		Statement{Sid: sid, Actions: []string{"sns:Publish"}, Resources: []string{*topic.TopicArn()}})
}

// AllowPutEvents grants putting events on one event bus.
func AllowPutEvents(bus awsevents.IEventBus) Grant {
	requireNotNil("AllowPutEvents", "bus", bus)
	return AllowActions(sidOf(bus, "PutEvents"), []string{"events:PutEvents"}, *bus.EventBusArn())
}

// keyContexts are the entries of the encryption context with the resource's ARN, by the
// service that uses the key.
// https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
var keyContexts = map[string]string{"sqs": "aws:sqs:arn", "sns": "aws:sns:topicArn"}

// withServiceKey returns the statement, and a statement for operations on the
// resource's key if it has a key of its own. The key is good for the statement's
// resources only, through the service only.
func withServiceKey(resource constructs.IConstruct, service string, key awskms.IKey, operations []KeyOperation, s Statement) Grant {
	if key == nil {
		return Grant{s}
	}
	via := viaService(awscdk.Stack_Of(resource), service)
	return Grant{s, {
		Sid: s.Sid + "Key", Actions: keyActions(operations), Resources: []string{*key.KeyArn()},
		Conditions: map[string]map[string][]string{"StringEquals": {
			"kms:ViaService": via, "kms:EncryptionContext:" + keyContexts[service]: s.Resources,
		}},
	}}
}
