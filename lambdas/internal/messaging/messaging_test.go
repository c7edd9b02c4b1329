package messaging_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
)

type greeting struct {
	Name string `json:"name"`
}

var greeted = function.NewTopic[greeting]("greeted", "A guest was greeted.")

// recorded keeps what is published.
type recorded struct {
	last *sns.PublishInput
	err  error
}

func (r *recorded) Publish(_ context.Context, in *sns.PublishInput, _ ...func(*sns.Options)) (*sns.PublishOutput, error) {
	r.last = in
	return &sns.PublishOutput{}, r.err
}

func TestPublish_Message_CarriesIDRequestAndTrace(t *testing.T) {
	client := &recorded{}
	ctx := function.WithRequest(t.Context(), function.Request{ID: "request-1"})
	ctx = context.WithValue(ctx, "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1") //lint:ignore SA1029 aws-lambda-go's own key
	if err := messaging.New(client, "arn:topic", greeted).Publish(ctx, "ada-1", greeting{"Ada"}); err != nil {
		t.Fatal(err)
	}
	if *client.last.Message != `{"name":"Ada"}` || *client.last.TopicArn != "arn:topic" {
		t.Errorf("published %s to %s", *client.last.Message, *client.last.TopicArn)
	}
	for name, want := range map[string]string{
		function.MessageIDAttribute: "ada-1", function.RequestIDAttribute: "request-1", function.TraceIDAttribute: "1-5759e988-bd862e3fe1be46a994272793",
	} {
		if got := client.last.MessageAttributes[name].StringValue; got == nil || *got != want {
			t.Errorf("%s is %v", name, got)
		}
	}
}

func TestPublish_NoRequest_SendsNoEmptyAttribute(t *testing.T) {
	client := &recorded{err: errors.New("down")}
	err := messaging.New(client, "arn:topic", greeted).Publish(t.Context(), "ada-1", greeting{"Ada"})
	if !errors.Is(err, client.err) || len(client.last.MessageAttributes) != 1 {
		t.Errorf("got %v, %v", err, client.last.MessageAttributes)
	}
}

func TestPublishAll_Messages_AreOneArray(t *testing.T) {
	client := &recorded{}
	if err := messaging.New(client, "arn:topic", greeted).PublishAll(t.Context(), "ada-1", []greeting{{"Ada"}, {"Eve"}}); err != nil {
		t.Fatal(err)
	}
	if *client.last.Message != `[{"name":"Ada"},{"name":"Eve"}]` || *client.last.MessageAttributes[function.MessageIDAttribute].StringValue != "ada-1" {
		t.Errorf("published %s", *client.last.Message)
	}
}
