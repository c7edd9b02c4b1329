package local

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// receiveSize is how many messages SQS gives at once at most.
const receiveSize = 10

// Replay moves the dead letters of a queue back to the queue, with their attributes,
// and returns how many were moved. It moves as many as there are at its start, so a
// message that fails again meanwhile is moved once. A message is sent before it is
// deleted: when Replay is interrupted, a message may stand in both queues.
func (s *Stage) Replay(ctx context.Context, queue string) (int, error) {
	client := sqs.NewFromConfig(s.AWSConfig(Region))
	to, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		return 0, fmt.Errorf("find the queue %s: %w", queue, err)
	}
	from, err := deadLettersOf(ctx, client, to.QueueUrl)
	if err != nil {
		return 0, err
	}
	waiting, err := waitingIn(ctx, client, from)
	if err != nil {
		return 0, err
	}
	for moved := 0; moved < waiting; {
		received, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: from, MaxNumberOfMessages: int32(min(receiveSize, waiting-moved)), MessageAttributeNames: []string{"All"},
		})
		if err != nil || len(received.Messages) == 0 {
			return moved, err
		}
		for _, message := range received.Messages {
			if err := move(ctx, client, message, from, to.QueueUrl); err != nil {
				return moved, err
			}
			moved++
		}
	}
	return waiting, nil
}

func move(ctx context.Context, client *sqs.Client, message types.Message, from, to *string) error {
	if _, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: to, MessageBody: message.Body, MessageAttributes: message.MessageAttributes}); err != nil {
		return err
	}
	_, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: from, ReceiptHandle: message.ReceiptHandle})
	return err
}

// deadLettersOf returns the URL of the queue's dead-letter queue.
func deadLettersOf(ctx context.Context, client *sqs.Client, queue *string) (*string, error) {
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: queue, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameRedrivePolicy}})
	if err != nil {
		return nil, err
	}
	var redrive struct {
		DeadLetterTargetARN string `json:"deadLetterTargetArn"`
	}
	policy := out.Attributes[string(types.QueueAttributeNameRedrivePolicy)]
	if err := json.Unmarshal([]byte(policy), &redrive); err != nil || redrive.DeadLetterTargetARN == "" {
		return nil, fmt.Errorf("the queue %s has no dead-letter queue", *queue)
	}
	name := redrive.DeadLetterTargetARN[strings.LastIndex(redrive.DeadLetterTargetARN, ":")+1:]
	found, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return nil, err
	}
	return found.QueueUrl, nil
}

// waitingIn returns how many messages of the queue can be received.
func waitingIn(ctx context.Context, client *sqs.Client, queue *string) (int, error) {
	count := types.QueueAttributeNameApproximateNumberOfMessages
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: queue, AttributeNames: []types.QueueAttributeName{count}})
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(out.Attributes[string(count)])
}
