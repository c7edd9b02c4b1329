package messaging_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
)

var greetings = function.NewQueue[greeting](function.Queue{Name: "greetings", Purpose: "A guest is greeted.", Attempts: 5, FirstWait: time.Second, MaxWait: time.Minute})

// sent keeps what is sent last, and refuses the entries with these ids.
type sent struct {
	last    *sqs.SendMessageBatchInput
	sizes   []int // of the batches
	refuses []string
	err     error
}

func (s *sent) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	s.last, s.sizes = in, append(s.sizes, len(in.Entries))
	out := &sqs.SendMessageBatchOutput{}
	for _, id := range s.refuses {
		out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: aws.String(id), Code: aws.String("InternalError")})
	}
	return out, s.err
}

func TestSend_Messages_GoInOneCallWithTheirAttributes(t *testing.T) {
	client := &sent{}
	ctx := function.WithRequest(t.Context(), function.Request{ID: "request-1"})
	sender := messaging.NewSender(client, "https://queue", greetings)
	if err := sender.Send(ctx, messaging.Message[greeting]{ID: "1", Body: greeting{"Ada"}}, messaging.Message[greeting]{ID: "2", Body: greeting{"Bob"}}); err != nil {
		t.Fatal(err)
	}
	entries := client.last.Entries
	if *client.last.QueueUrl != "https://queue" || len(entries) != 2 || *entries[1].MessageBody != `{"name":"Bob"}` || *entries[0].Id == *entries[1].Id {
		t.Fatalf("sent %+v", entries)
	}
	for name, want := range map[string]string{function.MessageIDAttribute: "2", function.RequestIDAttribute: "request-1"} {
		if got := entries[1].MessageAttributes[name].StringValue; got == nil || *got != want {
			t.Errorf("%s is %v", name, got)
		}
	}
}

func TestSend_ManyMessages_GoInBatchesOfTen(t *testing.T) {
	client := &sent{}
	sender := messaging.NewSender(client, "https://queue", greetings)
	if err := sender.Send(t.Context(), make([]messaging.Message[greeting], 23)...); err != nil || !slices.Equal(client.sizes, []int{10, 10, 3}) {
		t.Errorf("sent batches of %v, %v", client.sizes, err)
	}
	client = &sent{err: errors.New("down")}
	if err := messaging.NewSender(client, "https://queue", greetings).Send(t.Context(), make([]messaging.Message[greeting], 23)...); err == nil || len(client.sizes) != 1 {
		t.Errorf("after a failure: sent batches of %v, %v", client.sizes, err)
	}
	if err := sender.Send(t.Context()); err != nil || len(client.sizes) != 1 {
		t.Errorf("no messages: %v", err)
	}
}

func TestSend_RefusedMessages_AreNamed(t *testing.T) {
	err := messaging.NewSender(&sent{refuses: []string{"1"}}, "https://queue", greetings).Send(t.Context(), messaging.Message[greeting]{}, messaging.Message[greeting]{})
	if err == nil || !strings.Contains(err.Error(), "message 1 was refused: InternalError") {
		t.Errorf("got %v", err)
	}
	down := &sent{err: errors.New("down")}
	if err := messaging.NewSender(down, "https://queue", greetings).Send(t.Context(), messaging.Message[greeting]{}); !errors.Is(err, down.err) {
		t.Errorf("got %v", err)
	}
}
