package constructs

import (
	"regexp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

const deadLettersSuffix = "-dead-letters"

// A queue's name has up to 80 characters, of which the suffix of the dead-letter
// queue takes 13.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
var queueNamePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,67}$`)

const (
	// AWS recommends this multiple of the function's timeout, plus the batch
	// window.
	// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
	visibilityFactor = 6
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
	maxVisibility = 12 * time.Hour
	// SQS's visibility timeout for a queue without one.
	defaultVisibility = 30 * time.Second
)

func (p *QueueConsumerProps) withDefaults() QueueConsumerProps {
	d := valueOrZero(p)
	d.BatchSize = orDefault(d.BatchSize, 10)
	d.Attempts = orDefault(d.Attempts, 5)
	if d.Visibility == 0 && d.Queue == nil {
		d.Visibility = d.minVisibility()
	}
	return d
}

func (p *QueueConsumerProps) minVisibility() time.Duration {
	if p.Function == nil {
		return defaultVisibility
	}
	timeout := time.Duration(*p.Function.Function.Timeout().ToSeconds(nil)) * time.Second
	return visibilityFactor*timeout + p.Window
}

// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
func (p *QueueConsumerProps) validate() problems {
	var bad problems
	bad.require(queueNamePattern.MatchString(p.Name), "Name", "is %q; use 1 to 67 letters, digits, and - _", p.Name)
	bad.require(p.Function != nil, "Function", "is missing; give the LeastPrivilegeFunction that processes the messages")
	maxBatchSize := 10
	if p.Window > 0 {
		maxBatchSize = 10000
	}
	bad.require(p.BatchSize >= 1 && p.BatchSize <= maxBatchSize, "BatchSize", "is %d; use 1 to %d, or a Window for up to 10000", p.BatchSize, maxBatchSize)
	bad.require(p.Window >= 0 && p.Window <= 5*time.Minute && p.Window%time.Second == 0, "Window",
		"is %s; use whole seconds up to 5m0s", p.Window)
	bad.require(p.Attempts >= 1 && p.Attempts <= 1000, "Attempts", "is %d; use 1 to 1000", p.Attempts)
	bad.require(p.MaxConcurrency == 0 || p.MaxConcurrency >= 2 && p.MaxConcurrency <= 1000, "MaxConcurrency",
		"is %d; use 2 to 1000, or 0 for no cap", p.MaxConcurrency)
	checkEventFilters(p.Filters, &bad)
	p.checkVisibility(&bad)
	if p.Queue != nil {
		p.checkExistingQueue(&bad)
	}
	p.Alarms.check(&bad)
	return bad
}

func (p *QueueConsumerProps) checkVisibility(bad *problems) {
	minimum, prop, visibility := p.minVisibility(), "Visibility", p.Visibility
	if own := queueResource(p.Queue); own != nil {
		bad.require(p.Visibility == 0, "Visibility", "is given for a queue of this app, which has its own; leave it out")
		prop, visibility = "Queue", defaultVisibility
		if seconds := own.VisibilityTimeout(); seconds != nil {
			visibility = time.Duration(*seconds) * time.Second
		}
	}
	bad.require(visibility >= minimum && visibility <= maxVisibility && visibility%time.Second == 0, prop,
		"is %s; use whole seconds from %s (%d times the function's timeout, plus Window) to %s, or SQS delivers a message again while the function processes it",
		visibility, minimum, visibilityFactor, maxVisibility)
}

func (p *QueueConsumerProps) checkExistingQueue(bad *problems) {
	bad.require(!*p.Queue.Fifo(), "Queue", "is a FIFO queue, which this construct does not support; give a standard queue")
	bad.require(p.EncryptionKey == nil, "EncryptionKey", "is given for a queue that exists; that queue has its key")
	own := queueResource(p.Queue)
	bad.require(own == nil || own.RedrivePolicy() != nil, "Queue", "has no dead-letter queue, so failing messages would be lost; set its DeadLetterQueue")
	bad.require(p.deadLetters() != nil, "DeadLetters", "is missing; give the dead-letter queue of the imported queue")
}

// deadLetters returns the dead-letter queue of an existing queue.
func (p *QueueConsumerProps) deadLetters() awssqs.IQueue {
	if p.DeadLetters != nil || p.Queue == nil {
		return p.DeadLetters
	}
	var queue awssqs.Queue
	if queueResource(p.Queue) == nil {
		return nil
	}
	jsii.UnsafeCast(p.Queue, &queue)
	if given := queue.DeadLetterQueue(); given != nil {
		return given.Queue
	}
	return nil
}

// queueResource returns the CloudFormation resource of a queue of this app, or nil
// for an imported queue.
func queueResource(queue awssqs.IQueue) awssqs.CfnQueue {
	if queue == nil || queue.Node().DefaultChild() == nil {
		return nil
	}
	var resource awssqs.CfnQueue
	jsii.UnsafeCast(queue.Node().DefaultChild(), &resource)
	return resource
}
