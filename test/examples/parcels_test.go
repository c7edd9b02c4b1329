package examples_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/expenzez/infrastructure/local"
)

// Of three orders in one batch, one is packed, one fails until it is a dead letter, and
// one is for another department and never arrives.
func TestParcels_FailedOrder_IsDeadLetter(t *testing.T) {
	stage := deployExample(t, "parcels")
	config := stage.AWSConfig(local.Region)
	topic := sns.NewFromConfig(config)
	for _, message := range []struct{ kind, body string }{
		{"parcel", `{"order": "1", "grams": 500}`},
		{"parcel", `{"order": "2", "grams": -1}`},
		{"letter", `{"order": "3", "grams": 20}`},
	} {
		if _, err := topic.Publish(t.Context(), &sns.PublishInput{
			TopicArn: aws.String("arn:aws:sns:" + local.Region + ":" + local.Account + ":parcels-orders"), Message: aws.String(message.body),
			MessageAttributes: map[string]snstypes.MessageAttributeValue{"kind": {DataType: aws.String("String"), StringValue: aws.String(message.kind)}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	queues := sqs.NewFromConfig(config)
	dead, err := queues.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("parcels-dead-letters")})
	if err != nil {
		t.Fatal(err)
	}
	// SQS delivers the message twice, 18 seconds apart.
	ctx, stop := context.WithTimeout(t.Context(), 4*time.Minute)
	defer stop()
	var letter string
	for letter == "" {
		out, err := queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: dead.QueueUrl, WaitTimeSeconds: 10})
		if err != nil {
			t.Fatalf("no dead letter: %v", err)
		}
		if len(out.Messages) > 0 {
			letter = aws.ToString(out.Messages[0].Body)
		}
	}
	if letter != `{"order": "2", "grams": -1}` {
		t.Errorf("the dead letter is %s", letter)
	}
	if got := packedOrders(t, stage); !slices.Equal(got, []string{"1"}) {
		t.Errorf("packed %v", got)
	}
	expectNothingDenied(t, stage)
}

func packedOrders(t *testing.T, stage *local.Stage) []string {
	t.Helper()
	out, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("parcels-packed")})
	if err != nil {
		t.Fatal(err)
	}
	var orders []string
	for _, item := range out.Items {
		if order, ok := item["order"].(*types.AttributeValueMemberS); ok {
			orders = append(orders, order.Value)
		}
	}
	return orders
}
