package constructs

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// TopicFanOutProps are the props of NewTopicFanOut.
type TopicFanOutProps struct {
	// Name is the topic's physical name, 1 to 256 letters, digits, and - _.
	// Required.
	Name string
	// EncryptionKey is a customer-managed key usable through SNS, such as a DataKey
	// with KeyServiceSNS. Default: a new DataKey with rotation, under the alias
	// sns/<Name>.
	EncryptionKey awskms.IKey
	// Disposable deletes the topic's own key with the stack. Default: false, the
	// key is retained.
	Disposable bool
}

// TopicFanOut is an encrypted topic that delivers to several queues, each with its
// own filter. A message that SNS cannot deliver goes to that queue's dead-letter
// queue.
type TopicFanOut struct {
	constructs.Construct
	// Topic is the SNS topic. Grant publishing with AllowPublish.
	Topic awssns.Topic
}

// DeliveryFilter is an SNS filter policy: only matching messages are delivered to
// the queue. Set either Attributes or Body.
// https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
type DeliveryFilter struct {
	// Attributes are the allowed values of message attributes, by name.
	Attributes map[string][]string
	// Body is a pattern of the message body, which must be JSON.
	Body map[string]any
}

// maxDeliveryFilterChars is the maximum length of a filter policy.
// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
const maxDeliveryFilterChars = 150 * 1024

// NewTopicFanOut makes a TopicFanOut. It panics with a *PropsError on invalid props.
func NewTopicFanOut(scope constructs.Construct, id string, props *TopicFanOutProps) *TopicFanOut {
	p := valueOrZero(props)
	var bad problems
	bad.require(topicNamePattern.MatchString(p.Name), "Name", "is %q; use 1 to 256 letters, digits, and - _", p.Name)
	bad.panicIfAny("TopicFanOut", scope, id)

	t := &TopicFanOut{}
	constructs.NewConstruct_Override(t, scope, jsii.String(id))
	key := keyOrOwn(t, p.EncryptionKey, ownKey{
		services: []KeyService{KeyServiceSNS}, aliasPrefix: "sns", kind: "topic", name: p.Name, disposable: p.Disposable,
	})
	t.Topic = awssns.NewTopic(t, jsii.String("Topic"), &awssns.TopicProps{
		TopicName: jsii.String(p.Name), MasterKey: key, EnforceSSL: jsii.Bool(true),
	})
	return t
}

// AllowPublish grants publishing to the topic, and the use of its key for that.
func (t *TopicFanOut) AllowPublish() Grant { return publishGrant(sidOf(t, "Publish"), t.Topic) }

// Deliver delivers the topic's messages to the queue of a consumer. With a filter
// it delivers only the matching ones. The queue receives the published message
// without SNS's envelope. Deliver panics with a *PropsError if the filter is
// invalid, or if the consumer has an existing queue. The policy of an existing
// queue would have to allow the topic, and Deliver cannot check that.
func (t *TopicFanOut) Deliver(consumer *QueueConsumer, filter *DeliveryFilter) awssns.Subscription {
	var bad problems
	bad.require(consumer != nil, "consumer", "is missing; give the QueueConsumer")
	bad.require(consumer == nil || consumer.ownQueue != nil, "consumer", "uses an existing queue, whose policy Deliver cannot change; leave its Queue out")
	filter.check(&bad)
	bad.panicIfAny("TopicFanOut.Deliver", t, "")

	t.allowSendTo(consumer.ownQueue)
	props := &awssns.SubscriptionProps{
		Topic: t.Topic, Protocol: awssns.SubscriptionProtocol_SQS, Endpoint: consumer.ownQueue.QueueArn(),
		RawMessageDelivery: jsii.Bool(true),
		DeadLetterQueue:    consumer.DeadLetters, // CDK allows the topic in its policy
	}
	subscription := awssns.NewSubscription(consumer, jsii.String(derivedID("DeliveryFrom", *t.Node().Path())), props)
	if filter != nil {
		var cfn awssns.CfnSubscription
		jsii.UnsafeCast(subscription.Node().DefaultChild(), &cfn)
		filter.apply(cfn)
	}
	subscription.Node().AddDependency(consumer.ownQueue) // SNS checks the queue's policy when it subscribes
	return subscription
}

// allowSendTo allows the topic to send to the queue.
func (t *TopicFanOut) allowSendTo(queue awssqs.Queue) {
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String(sidOf(t, "Delivers")),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("sns.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  jsii.Strings(*queue.QueueArn()),
		Conditions: &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": *t.Topic.TopicArn()}},
	}))
}

func (f *DeliveryFilter) check(bad *problems) {
	if f == nil {
		return
	}
	bad.require((len(f.Attributes) > 0) != (len(f.Body) > 0), "filter", "needs Attributes or Body, and not both")
	pattern, err := json.Marshal(f.pattern())
	bad.require(err == nil, "filter", "is no JSON: %v", err)
	bad.require(len(pattern) <= maxDeliveryFilterChars, "filter", "has %d characters; SNS allows %d", len(pattern), maxDeliveryFilterChars)
	for name, values := range f.Attributes {
		bad.require(len(values) > 0, fmt.Sprintf("filter.Attributes[%s]", name), "has no value; name those that are delivered")
	}
}

func (f *DeliveryFilter) pattern() any {
	if len(f.Body) > 0 {
		return f.Body
	}
	return f.Attributes
}

func (f *DeliveryFilter) apply(subscription awssns.CfnSubscription) {
	subscription.SetFilterPolicy(f.pattern())
	if len(f.Body) > 0 {
		subscription.SetFilterPolicyScope(jsii.String("MessageBody"))
	}
}
