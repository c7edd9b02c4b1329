package local_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/local"
)

// write puts items into a table in one transaction, so that one batch has them all.
func write(t *testing.T, table string, ids ...string) {
	t.Helper()
	client := dynamodb.NewFromConfig(bareStage(t).AWSConfig(local.Region))
	var puts []types.TransactWriteItem
	for _, id := range ids {
		puts = append(puts, types.TransactWriteItem{Put: &types.Put{
			TableName: &table, Item: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}},
		}})
	}
	if _, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: puts}); err != nil {
		t.Fatal(err)
	}
}

const streamsRole = "arn:aws:sts::000000000000:assumed-role/streams/"

func TestStreamMapping_FailedRecords_AreRetriedAndReported(t *testing.T) {
	stage, stack := bareStage(t), deployStack(t, "streams")

	t.Run("a slow function holds up no other", func(t *testing.T) {
		write(t, "streams-split", "slow")
		receive(t, stack["SplitResults"], 1)
		start := time.Now()
		write(t, "streams-reported", "five")
		receive(t, stack["Results"], 1)
		if waited := time.Since(start); waited > 4*time.Second {
			t.Errorf("the other function was invoked after %s", waited)
		}
	})
	t.Run("retried from the first record that the function names", func(t *testing.T) {
		write(t, "streams-reported", "one", "two", "named", "four")
		want := []string{"one two named four", "named four", "named four"}
		if got := receive(t, stack["Results"], 3); !slices.Equal(got[:3], want) {
			t.Errorf("the batches were %q", got)
		}
	})
	t.Run("split after an error, given up after the retries", func(t *testing.T) {
		write(t, "streams-split", "one", "two", "error", "four")
		want := []string{"one two error four", "one two", "error four", "error", "error", "four"}
		if got := receive(t, stack["SplitResults"], 6); !slices.Equal(got, want) {
			t.Errorf("the batches were %q", got)
		}
		var message struct {
			RequestContext struct {
				Condition              string
				ApproximateInvokeCount int
			}
			ResponseContext    struct{ FunctionError string }
			DDBStreamBatchInfo struct {
				BatchSize                              int
				StartSequenceNumber, EndSequenceNumber string
			}
		}
		body := receive(t, stack["Failures"], 1)[0]
		if err := json.Unmarshal([]byte(body), &message); err != nil {
			t.Fatal(err)
		}
		batch := message.DDBStreamBatchInfo
		if message.RequestContext.Condition != "RetryAttemptsExhausted" || message.RequestContext.ApproximateInvokeCount != 2 ||
			message.ResponseContext.FunctionError != "Unhandled" || batch.BatchSize != 1 || batch.StartSequenceNumber != batch.EndSequenceNumber {
			t.Errorf("the on-failure destination got %s", body)
		}
		requireJudged(t, stage, streamsRole+"streams-splitter", judged{"sqs:SendMessage", stack["FailuresArn"], "allowed"}, time.Time{})
	})
	t.Run("read with the rights of the function's role", func(t *testing.T) {
		for _, action := range []string{"GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"} {
			requireJudged(t, stage, streamsRole+"streams-reporter", judged{"dynamodb:" + action, stack["ReportedStream"], "allowed"}, time.Time{})
		}
		write(t, "streams-encrypted", "sealed")
		eventually(t, "the mapping says that its role may not decrypt", func() bool {
			return strings.Contains(lastResult(t, stack["EncryptedMapping"]), "kms:Decrypt")
		})
		requireJudged(t, stage, streamsRole+"streams-reporter", judged{"kms:Decrypt", stack["Key"], "denied"}, time.Time{})
	})
}
