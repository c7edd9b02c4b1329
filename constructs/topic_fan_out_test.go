package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewTopicFanOut() {
	stack := newStack()
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "shop-prod-alerts"})
	pack := constructs.NewLeastPrivilegeFunction(stack, "Pack", &constructs.LeastPrivilegeFunctionProps{
		Name: "shop-prod-pack", Code: constructs.GoBundle{Package: "./testdata/hello", OutputDir: outputDir()},
	})
	parcels := constructs.NewQueueConsumer(stack, "Parcels", &constructs.QueueConsumerProps{
		Name: "shop-prod-parcels", Function: pack,
		Alarms: constructs.QueueAlarms{Route: constructs.AlarmRoute{Target: alerts, RunbookURL: "https://example.com/runbooks/queues"}},
	})
	orders := constructs.NewTopicFanOut(stack, "Orders", &constructs.TopicFanOutProps{Name: "shop-prod-orders"})
	orders.Deliver(parcels, &constructs.DeliveryFilter{Attributes: map[string][]string{"kind": {"parcel"}}})
	publish := orders.AllowPublish()
	fmt.Println(publish[0].Sid, publish[0].Actions, publish[1].Actions)
	// Output: OrdersPublish [sns:Publish] [kms:Decrypt kms:GenerateDataKey]
}

func fanOutTemplate(t *testing.T, filter *constructs.DeliveryFilter) map[string]any {
	t.Helper()
	return build(func(stack awscdk.Stack) {
		topic := constructs.NewTopicFanOut(stack, "Orders", &constructs.TopicFanOutProps{Name: "orders"})
		topic.Deliver(consumer(t, stack, nil), filter)
	})
}

func TestTopicFanOut_Delivery_IsEncryptedRawAndLosesNothing(t *testing.T) {
	template := fanOutTemplate(t, nil)
	subscription := only(t, template, "AWS::SNS::Subscription")["Properties"]
	equal(t, "raw", at(subscription, "RawMessageDelivery"), `true`)
	equal(t, "protocol", at(subscription, "Protocol"), `"sqs"`)
	equal(t, "filter", at(subscription, "FilterPolicy"), `null`)
	dead, _ := at(subscription, "RedrivePolicy", "deadLetterTargetArn", "Fn::GetAtt", 0).(string)
	equal(t, "dead letters", at(template, "Resources", dead, "Properties", "QueueName"), `"parcels-dead-letters"`)
	delivers := statement(template, "OrdersDelivers")
	equal(t, "principal", at(delivers, "Principal"), `{"Service": "sns.amazonaws.com"}`)
	if at(delivers, "Condition", "ArnEquals", "aws:SourceArn", "Ref") == nil {
		t.Errorf("the queue lets in %v, not this topic only", at(delivers, "Condition"))
	}
	key := statement(template, "TopicsToQueues")
	equal(t, "use of the queue's key", at(key, "Action"), `["kms:Decrypt", "kms:GenerateDataKey"]`)
	if at(key, "Condition", "ArnLike", "kms:EncryptionContext:aws:sqs:arn") == nil {
		t.Error("topics may use the queue's key for anything")
	}
}

func TestTopicFanOut_Filters_AreInTheSubscription(t *testing.T) {
	byAttribute := only(t, fanOutTemplate(t, &constructs.DeliveryFilter{Attributes: map[string][]string{"kind": {"parcel"}}}), "AWS::SNS::Subscription")
	equal(t, "attributes", at(byAttribute, "Properties", "FilterPolicy"), `{"kind": ["parcel"]}`)
	equal(t, "scope", at(byAttribute, "Properties", "FilterPolicyScope"), `null`)
	byBody := only(t, fanOutTemplate(t, &constructs.DeliveryFilter{Body: map[string]any{"kind": []string{"parcel"}}}), "AWS::SNS::Subscription")
	equal(t, "body", at(byBody, "Properties", "FilterPolicy"), `{"kind": ["parcel"]}`)
	equal(t, "scope", at(byBody, "Properties", "FilterPolicyScope"), `"MessageBody"`)
}

func TestTopicFanOut_TwoTopicsToOneQueue_AreBothLetIn(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		parcels := consumer(t, stack, nil)
		for _, name := range []string{"orders", "returns"} {
			constructs.NewTopicFanOut(stack, name, &constructs.TopicFanOutProps{Name: name}).Deliver(parcels, nil)
		}
	})
	for _, sid := range []string{"OrdersDelivers", "ReturnsDelivers"} {
		if statement(template, sid) == nil {
			t.Errorf("no statement %s", sid)
		}
	}
	if got := len(all(template, "AWS::SNS::Subscription")); got != 2 {
		t.Errorf("there are %d subscriptions", got)
	}
}

func TestTopicFanOut_WrongProps_AreRefused(t *testing.T) {
	stack := newStack()
	refused(t, func() { constructs.NewTopicFanOut(stack, "None", nil) }, "Name")
	topic := constructs.NewTopicFanOut(stack, "Orders", &constructs.TopicFanOutProps{Name: "orders"})
	parcels := consumer(t, stack, nil)
	refused(t, func() { topic.Deliver(nil, nil) }, "consumer")
	refused(t, func() { topic.Deliver(parcels, &constructs.DeliveryFilter{}) }, "filter")
	refused(t, func() {
		topic.Deliver(parcels, &constructs.DeliveryFilter{Attributes: map[string][]string{"kind": nil}})
	}, "filter.Attributes[kind]")
	other := newStack()
	existing := consumer(t, other, func(p *constructs.QueueConsumerProps) {
		queue := func(name string) awssqs.IQueue {
			return awssqs.Queue_FromQueueArn(other, jsii.String(name), jsii.String("arn:aws:sqs:eu-west-2:111122223333:"+name))
		}
		p.Queue, p.DeadLetters, p.Visibility = queue("given"), queue("dead"), 2*time.Minute
	})
	refused(t, func() { topic.Deliver(existing, nil) }, "consumer")
}
