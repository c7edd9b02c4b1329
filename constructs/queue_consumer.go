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
	// Function is invoked with batches of messages. It reports which of them failed
	// (events.SQSEventResponse); reporting none means that all succeeded. Required.
	Function *LeastPrivilegeFunction
	// Queue is a standard queue to consume, where it exists already. Its key must let
	// the account's roles use it. Default: a queue of the consumer's own.
	Queue awssqs.IQueue
	// Visibility is how long a message that was received stays hidden, in whole
	// seconds up to 12 hours: at least six times the function's timeout, plus Window.
	// Of an imported Queue it must be given, as that queue has it. Default: the least.
	// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
	Visibility time.Duration
	// DeadLetters is the dead-letter queue of an imported Queue, for its alarm.
	// Required with one; of other queues the consumer knows it.
	DeadLetters awssqs.IQueue
	// EncryptionKey is a customer-managed key usable through SQS, such as a DataKey
	// with KeyServiceSQS. Default: a DataKey of the consumer's own, with rotation,
	// under the alias sqs/<Name>.
	EncryptionKey awskms.IKey
	// BatchSize is the most messages in a batch, 1 to 10; up to 10000 with a Window.
	// Default: 10.
	BatchSize int
	// Window is how long Lambda gathers a batch, in whole seconds up to 5 minutes.
	// Default: 0, it invokes at once.
	Window time.Duration
	// Attempts is how often a message is received before it goes to the dead-letter
	// queue, 1 to 1000. AWS advises at least 5, since a throttled function costs
	// attempts too. Default: 5.
	Attempts int
	// MaxConcurrency caps the batches at a time, 2 to 1000. Default: 0, no cap.
	// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
	MaxConcurrency int
	// Filters are the patterns of which a message must match one. Messages that match
	// none are deleted. Default: none, every message reaches the function.
	Filters []EventFilter
	// Alarms say when the queue is in trouble. Required.
	Alarms QueueAlarms
	// Disposable lets the queue's own key go with the stack. Default: false, the key is
	// retained. The queues and their messages always go with the stack.
	Disposable bool
}

// QueueConsumer is a function behind a queue that loses no message: what fails to
// the end waits in a dead-letter queue for 14 days. Both queues are under a
// customer-managed key and take messages over TLS only.
type QueueConsumer struct {
	constructs.Construct
	// Queue is where messages go; grant sending with AllowSend.
	Queue awssqs.IQueue
	// DeadLetters holds what failed to the end.
	DeadLetters awssqs.IQueue
	// Mapping is the function's event source.
	Mapping awslambda.EventSourceMapping

	alarms   alarmsBySeverity
	ownQueue awssqs.Queue // the queue made here; nil for one that was given
}

// maxRetentionDays is the longest that SQS keeps a message.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const maxRetentionDays = 14

// NewQueueConsumer makes a QueueConsumer. It gives the function the right to
// consume the queue. It panics with a *PropsError on invalid props, which
// includes a given queue whose messages become visible while they are worked on.
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

// AllowSend grants sending messages to the queue, and what that takes of its key.
func (c *QueueConsumer) AllowSend() Grant { return sendGrant(sidOf(c, "Send"), c.Queue) }

// AllowRedrive grants what replays dead letters: aws sqs start-message-move-task,
// which moves them back to the queue. It is for an operator's role.
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
		service: KeyServiceSQS, aliasPrefix: "sqs", kind: "queue", name: p.Name, disposable: p.Disposable,
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
		RetentionPeriod:     awscdk.Duration_Days(jsii.Number(maxRetentionDays)), // an outage of the function may last
		DeadLetterQueue:     &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(p.Attempts)},
	})
	// No other queue may use these dead letters.
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
	mapping.Node().AddDependency(p.Function.separatePolicy) // Lambda checks the rights
	return mapping
}
