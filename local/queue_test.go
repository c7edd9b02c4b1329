package local_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/expenzez/infrastructure/local"
)

func TestQueueMapping_RightsOfTheFunctionsRole_AreNeeded(t *testing.T) {
	stage, stack := bareStage(t), deployStack(t, "queues")
	config := stage.AWSConfig(local.Region)
	send := func(queueURL, body string) {
		if _, err := sqs.NewFromConfig(config).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &queueURL, MessageBody: &body}); err != nil {
			t.Fatal(err)
		}
	}
	const consumer = "arn:aws:sts::000000000000:assumed-role/queues/queues-consumer"

	send(stack["Plain"], "readable")
	if got := receive(t, stack["Results"], 1); got[0] != "readable" {
		t.Errorf("the function got %q", got)
	}
	for _, action := range []string{"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"} {
		requireJudged(t, stage, consumer, judged{"sqs:" + action, stack["PlainArn"], "allowed"}, time.Time{})
	}

	send(stack["Encrypted"], "sealed")
	eventually(t, "the mapping says that its role may not decrypt", func() bool {
		return strings.Contains(lastResult(t, stack["EncryptedMapping"]), "kms:Decrypt")
	})
	requireJudged(t, stage, consumer, judged{"kms:Decrypt", stack["Key"], "denied"}, time.Time{})

	_, err := lambda.NewFromConfig(config).CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{
		FunctionName: aws.String("queues-consumer"), EventSourceArn: aws.String(stack["ResultsArn"]),
	})
	var invalid *lambdatypes.InvalidParameterValueException
	if !errors.As(err, &invalid) || !strings.Contains(err.Error(), "sqs:ReceiveMessage") {
		t.Errorf("a mapping without rights was answered with %v", err)
	}
}

// lastResult returns what an event source mapping says of its last batch.
func lastResult(t *testing.T, mapping string) string {
	t.Helper()
	got, err := lambda.NewFromConfig(bareStage(t).AWSConfig(local.Region)).GetEventSourceMapping(t.Context(),
		&lambda.GetEventSourceMappingInput{UUID: &mapping})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(got.LastProcessingResult)
}
