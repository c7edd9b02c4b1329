package constructs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// FailureDestination is a queue (FailuresToQueue) or topic (FailuresToTopic).
// Lambda sends it the record of an event after the last failed attempt.
type FailureDestination struct {
	arn   string
	fifo  bool
	grant Grant
}

// FailuresToQueue sends records of failed events to a standard queue.
func FailuresToQueue(queue awssqs.IQueue) FailureDestination {
	requireNotNil("FailuresToQueue", "queue", queue)
	return FailureDestination{*queue.QueueArn(), *queue.Fifo(), AllowSend(queue)}
}

// FailuresToTopic sends records of failed events to a standard topic.
func FailuresToTopic(topic awssns.ITopic) FailureDestination {
	requireNotNil("FailuresToTopic", "topic", topic)
	return FailureDestination{*topic.TopicArn(), *topic.Fifo(), AllowPublish(topic)}
}

// check records the problems of the destination under the prop's name.
func (d FailureDestination) check(prop string, bad *problems) {
	bad.require(d.arn != "", prop, "is missing; without it failed events are lost; use FailuresToQueue or FailuresToTopic")
	bad.require(!d.fifo, prop, "is a FIFO queue or topic, to which Lambda cannot send failures; use a standard one")
}

// AsyncInvocation says how Lambda handles asynchronous events. These come from SNS,
// S3, EventBridge, Scheduler, and Invoke with the type Event.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
type AsyncInvocation struct {
	// OnFailure receives the event, the reason and the function's last response
	// after the last failed attempt. A dead-letter queue would receive only the
	// event. Required.
	OnFailure FailureDestination
	// Attempts is how many times Lambda tries an event in total, 1 to 3. Default:
	// 3.
	Attempts int
	// MaxAge is how long an event may wait for its next attempt, in whole
	// seconds from 1 minute to 6 hours. Default: 6 hours.
	MaxAge time.Duration
}

const (
	maxAsyncAttempts = 3
	minAsyncAge      = time.Minute
	maxAsyncAge      = 6 * time.Hour
)

func (a *AsyncInvocation) withDefaults() *AsyncInvocation {
	if a == nil {
		return nil
	}
	d := *a
	d.Attempts = orDefault(d.Attempts, maxAsyncAttempts)
	d.MaxAge = orDefault(d.MaxAge, maxAsyncAge)
	return &d
}

func (a *AsyncInvocation) check(bad *problems) {
	if a == nil {
		return
	}
	a.OnFailure.check("Async.OnFailure", bad)
	bad.require(a.Attempts >= 1 && a.Attempts <= maxAsyncAttempts, "Async.Attempts", "is %d; use 1 to %d", a.Attempts, maxAsyncAttempts)
	bad.require(a.MaxAge >= minAsyncAge && a.MaxAge <= maxAsyncAge && a.MaxAge%time.Second == 0, "Async.MaxAge",
		"is %s; use whole seconds from %s to %s", a.MaxAge, minAsyncAge, maxAsyncAge)
}

// configure writes the configuration of the alias. It depends on the permission to
// send, because Lambda checks the permission. CDK's own EventInvokeConfig would
// grant the permission with wildcards for a queue or topic with its own key.
func (a *AsyncInvocation) configure(f *LeastPrivilegeFunction) {
	f.AllowInSeparatePolicy(a.OnFailure.grant)
	config := awslambda.NewCfnEventInvokeConfig(f, jsii.String("Async"), &awslambda.CfnEventInvokeConfigProps{
		FunctionName:             f.Function.FunctionName(),
		Qualifier:                f.Alias.AliasName(),
		MaximumRetryAttempts:     jsii.Number(a.Attempts - 1),
		MaximumEventAgeInSeconds: jsii.Number(a.MaxAge.Seconds()),
		DestinationConfig: &awslambda.CfnEventInvokeConfig_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventInvokeConfig_OnFailureProperty{Destination: jsii.String(a.OnFailure.arn)},
		},
	})
	config.Node().AddDependency(f.Alias, f.separatePolicy)
}
