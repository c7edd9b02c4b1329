package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewQueueConsumer() {
	stack := newStack()
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "shop-prod-alerts"})
	pack := constructs.NewLeastPrivilegeFunction(stack, "Pack", &constructs.LeastPrivilegeFunctionProps{
		Name: "shop-prod-pack", Code: constructs.GoBundle{Package: "./testdata/hello", OutputDir: outputDir()},
	})
	parcels := constructs.NewQueueConsumer(stack, "Parcels", &constructs.QueueConsumerProps{
		Name:     "shop-prod-parcels",
		Function: pack,
		Alarms: constructs.QueueAlarms{
			Route: constructs.AlarmRoute{Target: alerts, RunbookURL: "https://example.com/runbooks/queues"},
		},
	})
	send := parcels.AllowSend()
	fmt.Println(send[0].Sid, send[0].Actions, send[1].Actions)
	// Output: ParcelsSend [sqs:SendMessage] [kms:Decrypt kms:GenerateDataKey]
}

// consumer is a consumer of a function with a timeout of 20 seconds.
func consumer(t *testing.T, stack awscdk.Stack, spoil func(*constructs.QueueConsumerProps)) *constructs.QueueConsumer {
	t.Helper()
	props := &constructs.QueueConsumerProps{
		Name: "parcels",
		Function: constructs.NewLeastPrivilegeFunction(stack, "Pack", &constructs.LeastPrivilegeFunctionProps{
			Name: "pack", Code: bootstrap(t), Timeout: 20 * time.Second,
		}),
		Alarms: constructs.QueueAlarms{Route: alarmRoute(stack)},
	}
	if spoil != nil {
		spoil(props)
	}
	return constructs.NewQueueConsumer(stack, "Parcels", props)
}

func consumerTemplate(t *testing.T, spoil func(*constructs.QueueConsumerProps)) map[string]any {
	t.Helper()
	return build(func(stack awscdk.Stack) { consumer(t, stack, spoil) })
}

// queue returns the properties of the queue of this name.
func queue(t *testing.T, template map[string]any, name string) any {
	t.Helper()
	for _, q := range all(template, "AWS::SQS::Queue") {
		if at(q, "Properties", "QueueName") == name {
			return q["Properties"]
		}
	}
	t.Fatalf("no queue %s", name)
	return nil
}

func TestQueueConsumer_NothingSaid_LosesNoMessage(t *testing.T) {
	template := consumerTemplate(t, nil)
	work, dead := queue(t, template, "parcels"), queue(t, template, "parcels-dead-letters")
	equal(t, "visibility", at(work, "VisibilityTimeout"), `120`)
	equal(t, "attempts", at(work, "RedrivePolicy", "maxReceiveCount"), `5`)
	equal(t, "retention of dead letters", at(dead, "MessageRetentionPeriod"), `1209600`)
	equal(t, "use of dead letters", at(dead, "RedriveAllowPolicy", "redrivePermission"), `"byQueue"`)
	for name, q := range map[string]any{"queue": work, "dead letters": dead} {
		if at(q, "KmsMasterKeyId", "Fn::GetAtt") == nil {
			t.Errorf("the %s are under %v, not a key of the stack", name, at(q, "KmsMasterKeyId"))
		}
	}
	mapping := only(t, template, "AWS::Lambda::EventSourceMapping")["Properties"]
	equal(t, "partial failures", at(mapping, "FunctionResponseTypes"), `["ReportBatchItemFailures"]`)
	equal(t, "filters", at(mapping, "FilterCriteria"), `null`)
	if invoked := fmt.Sprint(at(mapping, "FunctionName")); !strings.Contains(invoked, ":live") {
		t.Errorf("the mapping invokes %s, not the alias", invoked)
	}
}

func TestQueueConsumer_Function_MayConsumeAndNothingElse(t *testing.T) {
	got := statement(consumerTemplate(t, nil), "ParcelsConsume")
	equal(t, "actions", at(got, "Action"),
		`["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]`)
}

func TestQueueConsumer_Alarms_AreAboutOldMessagesAndDeadLetters(t *testing.T) {
	template := consumerTemplate(t, nil)
	wantAlarms(t, template, "parcels-oldest-message-warning", "parcels-oldest-message-critical", "parcels-dead-letters-critical")
	got := alarm(t, template, "parcels-dead-letters-critical")
	equal(t, "threshold", at(got, "Threshold"), `0`)
	equal(t, "metric", at(got, "MetricName"), `"ApproximateNumberOfMessagesVisible"`)
}

func TestQueueConsumer_Settings_AreInTheMapping(t *testing.T) {
	template := consumerTemplate(t, func(p *constructs.QueueConsumerProps) {
		p.BatchSize, p.Window, p.MaxConcurrency, p.Attempts = 500, 10*time.Second, 5, 8
		p.Filters = []constructs.EventFilter{{"body": map[string]any{"kind": []string{"parcel"}}}}
	})
	mapping := only(t, template, "AWS::Lambda::EventSourceMapping")["Properties"]
	equal(t, "batch", at(mapping, "BatchSize"), `500`)
	equal(t, "window", at(mapping, "MaximumBatchingWindowInSeconds"), `10`)
	equal(t, "concurrency", at(mapping, "ScalingConfig", "MaximumConcurrency"), `5`)
	equal(t, "filter", at(mapping, "FilterCriteria", "Filters", 0, "Pattern"), `"{\"body\":{\"kind\":[\"parcel\"]}}"`)
	equal(t, "visibility", at(queue(t, template, "parcels"), "VisibilityTimeout"), `130`)
	equal(t, "attempts", at(queue(t, template, "parcels"), "RedrivePolicy", "maxReceiveCount"), `8`)
}

func TestQueueConsumer_QueueOfTheApp_IsConsumedAsItIs(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		dead := awssqs.NewQueue(stack, jsii.String("Dead"), &awssqs.QueueProps{QueueName: jsii.String("dead")})
		given := awssqs.NewQueue(stack, jsii.String("Given"), &awssqs.QueueProps{
			QueueName: jsii.String("given"), VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(2)),
			DeadLetterQueue: &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(5)},
		})
		consumer(t, stack, func(p *constructs.QueueConsumerProps) { p.Queue = given })
	})
	if queues := all(template, "AWS::SQS::Queue"); len(queues) != 2 {
		t.Errorf("there are %d queues, want the two given", len(queues))
	}
	wantAlarms(t, template, "parcels-oldest-message-warning", "parcels-oldest-message-critical", "parcels-dead-letters-critical")
}

func TestQueueConsumer_ImportedQueue_IsConsumedWithWhatIsSaidOfIt(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		imported := func(name string) awssqs.IQueue {
			return awssqs.Queue_FromQueueArn(stack, jsii.String(name), jsii.String("arn:aws:sqs:eu-west-2:111122223333:"+name))
		}
		consumer(t, stack, func(p *constructs.QueueConsumerProps) {
			p.Queue, p.DeadLetters, p.Visibility = imported("orders"), imported("orders-dead"), 2*time.Minute
		})
	})
	mapping := only(t, template, "AWS::Lambda::EventSourceMapping")["Properties"]
	equal(t, "source", at(mapping, "EventSourceArn"), `"arn:aws:sqs:eu-west-2:111122223333:orders"`)
}

func TestQueueConsumer_PropsThatLoseMessages_AreRefused(t *testing.T) {
	type spoil = func(stack awscdk.Stack, p *constructs.QueueConsumerProps)
	given := func(props *awssqs.QueueProps) spoil {
		return func(stack awscdk.Stack, p *constructs.QueueConsumerProps) {
			p.Queue = awssqs.NewQueue(stack, jsii.String("Given"), props)
		}
	}
	for name, tc := range map[string]struct {
		spoil spoil
		props []string
	}{
		"name too long for its dead letters": {func(_ awscdk.Stack, p *constructs.QueueConsumerProps) {
			p.Name = "a-name-of-sixty-eight-characters-which-is-one-more-than-can-be-given"
		}, []string{"Name"}},
		"visible while it is worked on": {func(_ awscdk.Stack, p *constructs.QueueConsumerProps) { p.Visibility = 119 * time.Second }, []string{"Visibility"}},
		"window not counted": {func(_ awscdk.Stack, p *constructs.QueueConsumerProps) {
			p.Window, p.Visibility = 10*time.Second, 120*time.Second
		}, []string{"Visibility"}},
		"given queue that shows messages too soon": {func(stack awscdk.Stack, p *constructs.QueueConsumerProps) {
			dead := awssqs.NewQueue(stack, jsii.String("Dead"), nil)
			given(&awssqs.QueueProps{DeadLetterQueue: &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(5)}})(stack, p)
		}, []string{"Queue"}},
		"given queue without dead letters": {given(&awssqs.QueueProps{VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(2))}),
			[]string{"Queue", "DeadLetters"}},
		"imported queue of which nothing is said": {func(stack awscdk.Stack, p *constructs.QueueConsumerProps) {
			p.Queue = awssqs.Queue_FromQueueArn(stack, jsii.String("Q"), jsii.String("arn:aws:sqs:eu-west-2:111122223333:orders"))
		}, []string{"Visibility", "DeadLetters"}},
		"FIFO queue": {func(stack awscdk.Stack, p *constructs.QueueConsumerProps) {
			queue := func(name string) awssqs.IQueue {
				return awssqs.Queue_FromQueueArn(stack, jsii.String(name), jsii.String("arn:aws:sqs:eu-west-2:111122223333:"+name+".fifo"))
			}
			p.Queue, p.DeadLetters, p.Visibility = queue("orders"), queue("dead"), 2*time.Minute
		}, []string{"Queue"}},
		"eleven messages without a window": {func(_ awscdk.Stack, p *constructs.QueueConsumerProps) { p.BatchSize = 11 }, []string{"BatchSize"}},
		"one batch at a time":              {func(_ awscdk.Stack, p *constructs.QueueConsumerProps) { p.MaxConcurrency = 1 }, []string{"MaxConcurrency"}},
		"filter that matches everything":   {func(_ awscdk.Stack, p *constructs.QueueConsumerProps) { p.Filters = []constructs.EventFilter{{}} }, []string{"Filters[0]"}},
		"filter that is no JSON": {func(_ awscdk.Stack, p *constructs.QueueConsumerProps) {
			p.Filters = []constructs.EventFilter{{"body": func() {}}}
		}, []string{"Filters[0]"}},
		"no route": {func(_ awscdk.Stack, p *constructs.QueueConsumerProps) { p.Alarms.Route.Target = nil }, []string{"Alarms.Route.Target"}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStack()
			refused(t, func() { consumer(t, stack, func(p *constructs.QueueConsumerProps) { tc.spoil(stack, p) }) }, tc.props...)
		})
	}
	refused(t, func() { constructs.NewQueueConsumer(newStack(), "None", nil) },
		"Name", "Function", "Alarms.Route.Target", "Alarms.Route.RunbookURL")
}

func TestQueueConsumer_Redrive_MovesDeadLettersBack(t *testing.T) {
	grant := consumer(t, newStack(), nil).AllowRedrive()
	if fmt.Sprint(grant[0].Actions) != "[sqs:StartMessageMoveTask sqs:CancelMessageMoveTask sqs:ListMessageMoveTasks sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes]" {
		t.Errorf("got %v", grant[0].Actions)
	}
}
