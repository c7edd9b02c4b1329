package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/policy"
)

// deadLetterDays is how long messages wait in a dead-letter queue, the longest that
// SQS keeps them.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const deadLetterDays = 14

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
	return constructs.NewQueueConsumer(built.Construct, "Queue-"+name, &constructs.QueueConsumerProps{
		Name:          w.cfg.PhysicalName(name),
		Function:      built,
		EncryptionKey: w.core.storage.Key,
		Alarms:        constructs.QueueAlarms{Route: w.messagesRoute()},
		Disposable:    w.cfg.Data.Disposable,
	})
}

// addChanges has the function take the changes of the table. Lambda sends what failed
// to the end to a dead-letter queue of the function's own, as places in the stream.
func (w *wiring) addChanges(declared *function.Function, event function.Event, built *constructs.LeastPrivilegeFunction) {
	name := w.cfg.PhysicalName(declared.Name + "-dead-letters")
	deadLetters := awssqs.NewQueue(built.Construct, jsii.String("DeadLetters"), &awssqs.QueueProps{
		QueueName:           jsii.String(name),
		EncryptionMasterKey: w.core.storage.Key,
		EnforceSSL:          jsii.Bool(true),
		RetentionPeriod:     awscdk.Duration_Days(jsii.Number(deadLetterDays)),
	})
	policy.Accept(deadLetters, "AwsSolutions-SQS3", "It is a dead-letter queue itself: the function's event source sends failures here.")
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
