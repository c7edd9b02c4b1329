package constructs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// QueueConsumerProps are the props of NewQueueConsumer.
type QueueConsumerProps struct {
	// Name is the physical name of the queue; its dead-letter queue is
	// <Name>-dead-letters. 1 to 67 letters, digits, and - _. Required.
	Name string
	// Function is invoked with batches of messages. It reports the failed messages
	// (events.SQSEventResponse). A response without failures means that all
	// messages succeeded. Required.
	Function *LeastPrivilegeFunction
	// Queue is an existing standard queue to consume. Its key must let the
	// account's roles use it. Default: a new queue.
	Queue awssqs.IQueue
	// Visibility is the queue's visibility timeout, in whole seconds up to 12
	// hours. It must be at least six times the function's timeout, plus Window. For
	// an imported Queue, give that queue's own value. Default: the minimum.
	// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
	Visibility time.Duration
	// DeadLetters is the dead-letter queue of an imported Queue, for its alarm.
	// Required with an imported Queue. Default: the dead-letter queue of a Queue of
	// this app.
	DeadLetters awssqs.IQueue
	// EncryptionKey is a customer-managed key usable through SQS, such as a DataKey
	// with KeyServiceSQS. Default: a new DataKey with rotation, under the alias
	// sqs/<Name>.
	EncryptionKey awskms.IKey
	// BatchSize is the maximum number of messages in a batch, 1 to 10, or up to
	// 10000 with a Window. Default: 10.
	BatchSize int
	// Window is how long Lambda gathers a batch, in whole seconds up to 5 minutes.
	// Default: 0, Lambda invokes at once.
	Window time.Duration
	// Attempts is how many times a message is received before it goes to the
	// dead-letter queue, 1 to 1000. AWS recommends at least 5, because throttled
	// invocations also count. Default: 5.
	Attempts int
	// MaxConcurrency is the maximum number of batches at a time, 2 to 1000.
	// Default: 0, no maximum.
	// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
	MaxConcurrency int
	// Filters are patterns of which a message must match at least one. Lambda
	// deletes messages that match none. Default: none, every message reaches the
	// function.
	Filters []EventFilter
	// Alarms are the alarms of the queue and their route. Required.
	Alarms QueueAlarms
	// Disposable deletes the queue's own key with the stack. The queues and their
	// messages are always deleted with the stack. Default: false, the key is
	// retained.
	Disposable bool
}

// QueueConsumer is a function that consumes a queue. A message that fails all
// attempts stays in a dead-letter queue for 14 days. Both queues use a
// customer-managed key and accept messages over TLS only.
type QueueConsumer struct {
	constructs.Construct
	// Queue receives the messages. Grant sending with AllowSend.
	Queue awssqs.IQueue
	// DeadLetters holds the messages that failed all attempts.
	DeadLetters awssqs.IQueue
	// Mapping is the function's event source.
	Mapping awslambda.EventSourceMapping

	alarms   alarmsBySeverity
	ownQueue awssqs.Queue // nil for an existing queue
}

// maxRetentionDays is the longest retention of a message that SQS allows.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const maxRetentionDays = 14

// NewQueueConsumer makes a QueueConsumer and grants the function consuming the
// queue. It panics with a *PropsError on invalid props. It also panics if an
// existing queue would deliver a message again while the function still processes
// it.
func NewQueueConsumer(scope constructs.Construct, id string, props *QueueConsumerProps) *QueueConsumer {
	p := props.withDefaults()
	p.validate().panicIfAny("QueueConsumer", scope, id)

	c := &QueueConsumer{Queue: p.Queue, DeadLetters: p.deadLetters()}
	constructs.NewConstruct_Override(c, scope, jsii.String(id))
	if c.Queue == nil {
		c.createQueues(p)
	}
	c.Mapping = c.createMapping(p)
	c.alarms = createAlarms(c, p.Name, p.Alarms.Route, p.Alarms.alarmSpecs(c.Queue, c.DeadLetters))
	return c
}

// AllowSend grants sending messages to the queue, and the use of its key for that.
func (c *QueueConsumer) AllowSend() Grant { return sendGrant(sidOf(c, "Send"), c.Queue) }

// AllowRedrive grants moving dead letters back to the queue (aws sqs
// start-message-move-task). Give it to an operator's role.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
func (c *QueueConsumer) AllowRedrive() Grant {
	return append(withServiceKey(c.DeadLetters, "sqs", c.DeadLetters.EncryptionMasterKey(), []KeyOperation{Decrypt}, Statement{
		Sid: sidOf(c, "Redrive"),
		Actions: []string{
			"sqs:StartMessageMoveTask", "sqs:CancelMessageMoveTask", "sqs:ListMessageMoveTasks",
			"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
		},
		Resources: []string{*c.DeadLetters.QueueArn()},
	}), c.AllowSend()...)
}

// Alarms returns the alarms of a severity.
func (c *QueueConsumer) Alarms(severity Severity) []awscloudwatch.Alarm { return c.alarms[severity] }

func (c *QueueConsumer) createQueues(p QueueConsumerProps) {
	key := keyOrOwn(c, p.EncryptionKey, ownKey{
		services: []KeyService{KeyServiceSQS}, aliasPrefix: "sqs", kind: "queue", name: p.Name, disposable: p.Disposable,
	})
	dead := awssqs.NewQueue(c, jsii.String("DeadLetters"), &awssqs.QueueProps{
		QueueName:           jsii.String(p.Name + deadLettersSuffix),
		EncryptionMasterKey: key,
		EnforceSSL:          jsii.Bool(true),
		RetentionPeriod:     awscdk.Duration_Days(jsii.Number(maxRetentionDays)),
	})
	c.ownQueue = awssqs.NewQueue(c, jsii.String("Queue"), &awssqs.QueueProps{
		QueueName:           jsii.String(p.Name),
		EncryptionMasterKey: key,
		EnforceSSL:          jsii.Bool(true),
		VisibilityTimeout:   awscdk.Duration_Seconds(jsii.Number(p.Visibility.Seconds())),
		RetentionPeriod:     awscdk.Duration_Days(jsii.Number(maxRetentionDays)), // for a long outage of the function
		DeadLetterQueue:     &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(p.Attempts)},
	})
	// Other queues may not use this dead-letter queue.
	var cfn awssqs.CfnQueue
	jsii.UnsafeCast(dead.Node().DefaultChild(), &cfn)
	queueARN := awscdk.Stack_Of(c).FormatArn(&awscdk.ArnComponents{Service: jsii.String("sqs"), Resource: jsii.String(p.Name)})
	cfn.SetRedriveAllowPolicy(map[string]any{"redrivePermission": "byQueue", "sourceQueueArns": []string{*queueARN}})
	c.Queue, c.DeadLetters = c.ownQueue, dead
}

func (c *QueueConsumer) createMapping(p QueueConsumerProps) awslambda.EventSourceMapping {
	p.Function.AllowInSeparatePolicy(consumeGrant(sidOf(c, "Consume"), c.Queue))
	props := &awslambda.EventSourceMappingProps{
		EventSourceArn:          c.Queue.QueueArn(),
		Target:                  p.Function.Alias,
		BatchSize:               jsii.Number(p.BatchSize),
		ReportBatchItemFailures: jsii.Bool(true),
	}
	if p.Window > 0 {
		props.MaxBatchingWindow = awscdk.Duration_Seconds(jsii.Number(p.Window.Seconds()))
	}
	if p.MaxConcurrency > 0 {
		props.MaxConcurrency = jsii.Number(p.MaxConcurrency)
	}
	mapping := awslambda.NewEventSourceMapping(c, jsii.String("Mapping"), props)
	if criteria := filterCriteria(p.Filters); criteria != nil {
		var cfn awslambda.CfnEventSourceMapping
		jsii.UnsafeCast(mapping.Node().DefaultChild(), &cfn)
		cfn.SetFilterCriteria(criteria)
	}
	mapping.Node().AddDependency(p.Function.separatePolicy) // Lambda checks the permissions
	return mapping
}
