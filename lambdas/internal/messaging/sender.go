package messaging

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// SQS is the part of the SQS client that senders need.
type SQS interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Sender sends messages of type M to one queue. It is safe for concurrent use.
type Sender[M any] struct {
	client SQS
	url    string
	name   string
}

// Message is a message with the id that it keeps when it is sent again.
type Message[M any] struct {
	ID   string
	Body M
}

// NewSender returns the sender to a queue with this URL.
func NewSender[M any](client SQS, url string, queue function.QueueOf[M]) *Sender[M] {
	return &Sender[M]{client: client, url: url, name: queue.Name}
}

// batchSize is how many messages SQS takes in one call.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
const batchSize = 10

// Send sends messages, ten in one call. It ends with the first call that fails. Its error
// names each message that SQS refused; the others of that call, and those before, were sent.
func (s *Sender[M]) Send(ctx context.Context, messages ...Message[M]) error {
	for batch := range slices.Chunk(messages, batchSize) {
		if err := s.sendBatch(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sender[M]) sendBatch(ctx context.Context, messages []Message[M]) error {
	entries := make([]types.SendMessageBatchRequestEntry, len(messages))
	for i, message := range messages {
		body, err := json.Marshal(message.Body)
		if err != nil {
			return fmt.Errorf("encode a message of %s: %w", s.name, err)
		}
		attributes := map[string]types.MessageAttributeValue{}
		for name, value := range attributesOf(ctx, message.ID) {
			attributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		}
		entries[i] = types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body)), MessageAttributes: attributes}
	}
	out, err := s.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &s.url, Entries: entries})
	if err != nil {
		return fmt.Errorf("send to %s: %w", s.name, err)
	}
	var refused []error
	for _, failed := range out.Failed {
		refused = append(refused, fmt.Errorf("send to %s: message %s was refused: %s", s.name, aws.ToString(failed.Id), aws.ToString(failed.Code)))
	}
	return errors.Join(refused...)
}
