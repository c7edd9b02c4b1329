package local_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/expenzez/infrastructure/local"
)

func TestReplay_DeadLetters_ReturnWithTheirAttributes(t *testing.T) {
	stage := start(t, local.Options{StateDir: t.TempDir()})
	client := sqs.NewFromConfig(stage.AWSConfig(local.Region))
	queue := func(name string, attributes map[string]string) *string {
		t.Helper()
		out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		return out.QueueUrl
	}
	dead := queue("jobs-dead-letters", nil)
	jobs := queue("jobs", map[string]string{
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:%s:%s:jobs-dead-letters","maxReceiveCount":"5"}`, local.Region, local.Account),
	})
	for i := range 12 {
		if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: dead, MessageBody: aws.String(fmt.Sprint("job ", i)), MessageAttributes: map[string]types.MessageAttributeValue{
			"messageId": {DataType: aws.String("String"), StringValue: aws.String(fmt.Sprint(i))},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	if moved, err := stage.Replay(t.Context(), "jobs"); err != nil || moved != 12 {
		t.Fatalf("moved %d, %v", moved, err)
	}
	seen := map[string]bool{}
	for range 12 {
		out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: jobs, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range out.Messages {
			seen[*message.Body+" "+aws.ToString(message.MessageAttributes["messageId"].StringValue)] = true
		}
	}
	for i := range 12 {
		if !seen[fmt.Sprint("job ", i, " ", i)] {
			t.Errorf("job %d did not return: %v", i, seen)
		}
	}
	if moved, err := stage.Replay(t.Context(), "jobs"); err != nil || moved != 0 {
		t.Errorf("moved %d again, %v", moved, err)
	}
	if _, err := stage.Replay(t.Context(), "jobs-dead-letters"); err == nil || !strings.Contains(err.Error(), "no dead-letter queue") {
		t.Errorf("a queue without dead letters: %v", err)
	}
}
