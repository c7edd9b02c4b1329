package e2e_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// testQueue is a queue of the stage.
type testQueue struct {
	client *sqs.Client
	url    *string
}

func queueNamed(t *testing.T, name string) testQueue {
	t.Helper()
	client := sqs.NewFromConfig(stage.AWSConfig(local.Region))
	out, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return testQueue{client, out.QueueUrl}
}

// giveUpAfterOneAttempt makes a message that failed once a dead letter ten seconds later.
// Five attempts at the visibility timeout of a stage take minutes, and a visibility
// timeout of less than an attempt delivers messages that are being handled.
func (q testQueue) giveUpAfterOneAttempt(t *testing.T, dead testQueue) {
	t.Helper()
	out, err := q.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: dead.url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}})
	if err != nil {
		t.Fatal(err)
	}
	redrive := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":1}`, out.Attributes[string(types.QueueAttributeNameQueueArn)])
	if _, err := q.client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: q.url, Attributes: map[string]string{
		string(types.QueueAttributeNameVisibilityTimeout): "10", string(types.QueueAttributeNameRedrivePolicy): redrive,
	}}); err != nil {
		t.Fatal(err)
	}
}

func (q testQueue) send(t *testing.T, body string) {
	t.Helper()
	if _, err := q.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: q.url, MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
}

// has returns how many messages wait in the queue.
func (q testQueue) has(t *testing.T) int {
	t.Helper()
	count := types.QueueAttributeNameApproximateNumberOfMessages
	out, err := q.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: q.url, AttributeNames: []types.QueueAttributeName{count}})
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(out.Attributes[string(count)])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// poisonMessage puts a message that always fails on a consumer's queue. It goes to the
// dead letters while other messages pass. A replay sends it to the consumer again, and
// a dead letter that the consumer can handle by now is handled.
func poisonMessage(t *testing.T) {
	name := physicalName(t, notifications.Feed.QueueName(notifications.Feed.Events[0]))
	queue, dead := queueNamed(t, name), queueNamed(t, name+"-dead-letters")
	queue.giveUpAfterOneAttempt(t, dead)
	hypatia := newSignedInUser(t, "goals.hypatia")
	astrolabe := hypatia.createGoal(t, "Astrolabe", 10, 1)
	chart := hypatia.createGoal(t, "Chart", 10, 1)
	message := func(goal string) string {
		body, err := json.Marshal(goals.GoalReached{
			UserID: hypatia.id, GoalID: goal, TargetAmount: money.FromMinor(1000, 2), CurrentAmount: money.FromMinor(1000, 2), ReachedAt: time.Now().UnixMilli(), // an old notification has expired
		})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	handled := func() int { return len(storedOf(t, tables.NotificationHistory, hypatia.id)) }

	queue.send(t, `{"userId":"","goalId":""}`)
	queue.send(t, message(astrolabe))
	eventually(t, "the message beside the poison message is handled", func() bool { return handled() == 1 })
	eventually(t, "the poison message is a dead letter", func() bool { return dead.has(t) == 1 })

	dead.send(t, message(chart)) // one that failed while a dependency was down
	if moved, err := stage.Replay(t.Context(), name); err != nil || moved != 2 {
		t.Errorf("replayed %d, %v", moved, err)
	}
	eventually(t, "the replayed message is handled", func() bool { return handled() == 2 })
	eventually(t, "the poison message is a dead letter again", func() bool { return dead.has(t) == 1 })
	if _, err := queue.client.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: dead.url}); err != nil {
		t.Fatal(err)
	}
	if moved, err := stage.Replay(t.Context(), name); err != nil || moved != 0 {
		t.Errorf("replayed %d of no dead letters, %v", moved, err)
	}
}
