package messaging

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// SNS is the part of the SNS client that publishers need.
type SNS interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// Publisher publishes messages of type M to one topic. It is safe for concurrent use.
type Publisher[M any] struct {
	client SNS
	arn    string
	name   string
}

// Open returns the publisher of a topic that the function declares in
// Permissions.Publishes.
func Open[M any](resources *function.Resources, topic function.TopicOf[M]) *Publisher[M] {
	return New(sns.NewFromConfig(resources.AWS), resources.Topic(topic.Topic), topic)
}

// New returns the publisher of a topic with this ARN.
func New[M any](client SNS, arn string, topic function.TopicOf[M]) *Publisher[M] {
	return &Publisher[M]{client: client, arn: arn, name: topic.Name}
}

// Publish publishes a message under an id, which is the same when the same message is
// published again. It returns the errors of SNS, among them InvalidParameter for a
// message over 256 KB.
func (p *Publisher[M]) Publish(ctx context.Context, id string, message M) error {
	return p.publish(ctx, id, message)
}

// PublishAll is Publish for several messages in one, which consumers take one by one. All of
// them together have at most 256 KB.
func (p *Publisher[M]) PublishAll(ctx context.Context, id string, messages []M) error {
	return p.publish(ctx, id, messages)
}

func (p *Publisher[M]) publish(ctx context.Context, id string, content any) error {
	body, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("encode a message of %s: %w", p.name, err)
	}
	attributes := map[string]types.MessageAttributeValue{}
	for name, value := range attributesOf(ctx, id) {
		attributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
	}
	_, err = p.client.Publish(ctx, &sns.PublishInput{TopicArn: &p.arn, Message: aws.String(string(body)), MessageAttributes: attributes})
	if err != nil {
		return fmt.Errorf("publish to %s: %w", p.name, err)
	}
	return nil
}

// attributesOf returns what a message carries beside its body. SNS and SQS refuse an
// empty text.
func attributesOf(ctx context.Context, id string) map[string]string {
	attributes := map[string]string{
		function.MessageIDAttribute: id,
		function.RequestIDAttribute: function.RequestOf(ctx).ID,
		function.TraceIDAttribute:   telemetry.TraceID(ctx),
	}
	maps.DeleteFunc(attributes, func(_, value string) bool { return value == "" })
	return attributes
}
