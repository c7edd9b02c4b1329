package local_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/expenzez/infrastructure/local"
)

func TestTopics_DeliverAndOpenKeysWithTheRightTo(t *testing.T) {
	stage, stack := bareStage(t), deployStack(t, "topics")
	config := stage.AWSConfig(local.Region)
	topics := sns.NewFromConfig(config)
	attributes := func(topic string) map[string]string {
		got, err := topics.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: &topic})
		if err != nil {
			t.Fatal(err)
		}
		return got.Attributes
	}
	if got := attributes(stack["Encrypted"])["KmsMasterKeyId"]; got == "" {
		t.Error("the topic has no key")
	}
	if got := attributes(stack["Ordered"]); got["FifoTopic"] != "true" || got["ContentBasedDeduplication"] != "true" {
		t.Errorf("the topic is not first-in-first-out: %v", got)
	}

	const caller = "arn:aws:sts::000000000000:assumed-role/topics/topics-caller"
	for name, c := range map[string]struct{ service, operation, input string }{
		"publishing to a topic with a key": {"sns", "publish", fmt.Sprintf(`{"TopicArn":%q,"Message":"m"}`, stack["Encrypted"])},
		"sending to a queue with a key":    {"sqs", "send_message", fmt.Sprintf(`{"QueueUrl":%q,"MessageBody":"m"}`, stack["Closed"])},
	} {
		before := time.Now().Add(-time.Millisecond)
		if code, _ := callAs(t, "topics-caller", c.service, c.operation, c.input); code == "" {
			t.Errorf("%s needed no right to the key", name)
		}
		requireJudged(t, stage, caller, judged{"kms:GenerateDataKey", stack["Key"], "denied"}, before)
	}

	if code, _ := callAs(t, "topics-caller", "sns", "publish", fmt.Sprintf(`{"TopicArn":%q,"Message":"sent"}`, stack["Plain"])); code != "" {
		t.Fatalf("publishing answered %s", code)
	}
	if got := receive(t, stack["Open"], 1); got[0] != "sent" {
		t.Errorf("the queue whose key SNS may use got %q", got)
	}
	if got := receive(t, stack["Results"], 1); got[0] != "permitted" {
		t.Errorf("%s was invoked", got)
	}
	time.Sleep(2 * time.Second) // what else was sent would have arrived
	for name, queueURL := range map[string]string{"a function without permission": stack["Results"], "a queue whose key SNS may not use": stack["Closed"]} {
		got, err := sqs.NewFromConfig(config).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(queueURL)})
		if err != nil || len(got.Messages) > 0 {
			t.Errorf("%s was reached: %v, %v", name, got, err)
		}
	}
}
