package stacks

import (
	"cmp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	cdkconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/policy"
)

// retentionDays is how long messages wait in a queue, the longest that SQS keeps them.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const retentionDays = 14

// newTopics builds the topics that the domains publish to or consume.
func newTopics(stack awscdk.Stack, cfg config.Config, storage *constructs.DataKey, domains []function.Domain) map[*function.Topic]*constructs.TopicFanOut {
	built := map[*function.Topic]*constructs.TopicFanOut{}
	for _, topic := range function.Topics(domains...) {
		built[topic] = constructs.NewTopicFanOut(stack, "Topic-"+topic.Name, &constructs.TopicFanOutProps{
			Name:          cfg.PhysicalName(topic.Name),
			EncryptionKey: storage.Key,
			Disposable:    cfg.Data.Disposable,
		})
	}
	return built
}

// newQueues builds the queues that functions of the domains send to or receive from.
// Each message waits for its receiver as long as SQS keeps it.
func newQueues(stack awscdk.Stack, cfg config.Config, storage *constructs.DataKey, domains []function.Domain) map[*function.Queue]awssqs.Queue {
	built := map[*function.Queue]awssqs.Queue{}
	for _, queue := range function.Queues(domains...) {
		scope := cdkconstructs.NewConstruct(stack, jsii.String("Queue-"+queue.Name))
		name := cfg.PhysicalName(queue.Name)
		built[queue] = awssqs.NewQueue(scope, jsii.String(queue.Name), &awssqs.QueueProps{
			QueueName:           jsii.String(name),
			EncryptionMasterKey: storage.Key,
			EnforceSSL:          jsii.Bool(true),
			RetentionPeriod:     awscdk.Duration_Days(jsii.Number(retentionDays)),
			VisibilityTimeout:   awscdk.Duration_Seconds(jsii.Number(visibilityOf(queue, cfg, domains).Seconds())),
			DeadLetterQueue: &awssqs.DeadLetterQueue{
				MaxReceiveCount: jsii.Number(queue.Attempts),
				Queue:           newDeadLetters(scope, name, storage, "It is a dead-letter queue itself: the queue "+queue.Name+" sends failures here."),
			},
		})
	}
	return built
}

// visibilityOf returns the visibility timeout of a queue: the time that Lambda's event
// source needs for the queue's receiver.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func visibilityOf(queue *function.Queue, cfg config.Config, domains []function.Domain) time.Duration {
	timeout := cfg.Functions.Timeout
	for _, domain := range domains {
		for _, f := range domain.Functions {
			for _, event := range f.Events {
				if event.Queue == queue {
					timeout = cmp.Or(f.Timeout, timeout)
				}
			}
		}
	}
	return 6 * timeout
}

// newDeadLetters builds the dead-letter queue of the queue or stream consumer of this
// name.
func newDeadLetters(scope cdkconstructs.Construct, name string, storage *constructs.DataKey, why string) awssqs.Queue {
	built := awssqs.NewQueue(scope, jsii.String("DeadLetters"), &awssqs.QueueProps{
		QueueName:           jsii.String(name + "-dead-letters"),
		EncryptionMasterKey: storage.Key,
		EnforceSSL:          jsii.Bool(true),
		RetentionPeriod:     awscdk.Duration_Days(jsii.Number(retentionDays)),
	})
	policy.Accept(built, "AwsSolutions-SQS3", why)
	return built
}

// streamed returns the tables whose changes functions of the domains take.
func streamed(domains []function.Domain) map[*tables.Table]bool {
	found := map[*tables.Table]bool{}
	for _, domain := range domains {
		for _, f := range domain.Functions {
			for _, event := range f.Events {
				if event.Changes != nil {
					found[event.Changes] = true
				}
			}
		}
	}
	return found
}

// addConsumer puts the topic's messages on a queue of the function's own.
func (w *wiring) addConsumer(declared *function.Function, event function.Event, built *constructs.LeastPrivilegeFunction) {
	w.core.topics[event.Topic].Deliver(w.newConsumer(declared, event, built), nil)
}

// newConsumer builds the queue through which the function takes the event.
func (w *wiring) newConsumer(declared *function.Function, event function.Event, built *constructs.LeastPrivilegeFunction) *constructs.QueueConsumer {
	name := declared.QueueName(event)
	props := &constructs.QueueConsumerProps{
		Name:          w.cfg.PhysicalName(name),
		Function:      built,
		EncryptionKey: w.core.storage.Key,
		Alarms:        constructs.QueueAlarms{Route: w.messagesRoute()},
		Disposable:    w.cfg.Data.Disposable,

		MaxConcurrency: w.cfg.Functions.Concurrency.Consumer,
	}
	if groups := event.Groups; groups != nil {
		props.BatchSize, props.Window = groups.BatchSize, groups.Window
	}
	if event.Alone || event.Uploads != nil { // a user waits for each upload
		props.BatchSize = 1
	}
	return constructs.NewQueueConsumer(built.Construct, "Queue-"+name, props)
}

// addReceiver has the function take the messages of a declared queue.
func (w *wiring) addReceiver(declared *function.Function, event function.Event, built *constructs.LeastPrivilegeFunction) {
	name := declared.QueueName(event)
	constructs.NewQueueConsumer(built.Construct, "Queue-"+name, &constructs.QueueConsumerProps{
		Name:     w.cfg.PhysicalName(name),
		Function: built,
		Queue:    w.core.queues[event.Queue],

		MaxConcurrency: w.cfg.Functions.Concurrency.Consumer,

		Alarms: constructs.QueueAlarms{Route: constructs.AlarmRoute{Target: w.core.alerts, RunbookURL: runbookOf(event.Queue)}},
	})
}

// runbookOf returns the runbook of a declared queue's alarms.
func runbookOf(queue *function.Queue) string {
	if queue == function.ErrorReports.Queue {
		return reportsRunbook
	}
	return messagesRunbook
}

// addChanges has the function take the changes of the table. Lambda sends what failed
// to the end to a dead-letter queue of the function's own, as places in the stream.
func (w *wiring) addChanges(declared *function.Function, event function.Event, built *constructs.LeastPrivilegeFunction) {
	name := w.cfg.PhysicalName(declared.Name + "-dead-letters")
	deadLetters := newDeadLetters(built.Construct, w.cfg.PhysicalName(declared.Name), w.core.storage,
		"It is a dead-letter queue itself: the function's event source sends failures here.")
	constructs.NewTableStreamConsumer(built.Construct, "Changes", &constructs.TableStreamConsumerProps{
		Table:     w.core.tables[event.Changes],
		Function:  built,
		OnFailure: constructs.FailuresToQueue(deadLetters),
		Attempts:  streamAttempts,
	})
	constructs.NewCountAlarms(built.Construct, "DeadLetterAlarms", &constructs.CountAlarmsProps{
		Name:       name,
		Route:      w.messagesRoute(),
		Namespace:  "AWS/SQS",
		Dimensions: map[string]string{"QueueName": name},
		Counts: []constructs.Count{{
			Name: "dead-letters", Metric: "ApproximateNumberOfMessagesVisible", Description: "changes of a table failed to the end",
			Levels: constructs.AlarmLevels{Warning: constructs.Off, Critical: 0.5}, // above none
		}},
	})
}

// streamAttempts is how often changes of a table are tried. Each attempt waits longer,
// up to a minute: a service that is down for minutes costs no change.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
const streamAttempts = 10

func (w *wiring) messagesRoute() constructs.AlarmRoute {
	return constructs.AlarmRoute{Target: w.core.alerts, RunbookURL: messagesRunbook}
}
