package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// QueueAlarms are the alarms of a queue and their route.
type QueueAlarms struct {
	// Route says where alarms are sent and which runbook they link to. Required.
	Route AlarmRoute
	// OldestMessageSeconds is the age of the oldest message in seconds, in two
	// periods of five minutes. Default: warning above 300, critical above 3600.
	OldestMessageSeconds AlarmLevels
	// DeadLetters is the number of messages in the dead-letter queue. Default:
	// critical above 0, no warning.
	DeadLetters AlarmLevels
}

// alarmSpecs returns the alarm specs of the two queues.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
func (a QueueAlarms) alarmSpecs(queue, deadLetters awssqs.IQueue) []alarmSpec {
	metric := func(of awssqs.IQueue, name string) func() awscloudwatch.IMetric {
		return func() awscloudwatch.IMetric {
			return of.Metric(jsii.String(name), &awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: metricPeriod()})
		}
	}
	return []alarmSpec{
		{name: "oldest-message", prop: "OldestMessageSeconds", levels: a.OldestMessageSeconds,
			defaults: AlarmLevels{Warning: 300, Critical: 3600}, periods: 2, metric: metric(queue, "ApproximateAgeOfOldestMessage"),
			description: "the oldest message has waited for more than %s seconds, for ten minutes"},
		{name: "dead-letters", prop: "DeadLetters", levels: a.DeadLetters,
			defaults: AlarmLevels{Warning: Off}, periods: 1, metric: metric(deadLetters, "ApproximateNumberOfMessagesVisible"),
			description: "more than %s messages failed to the end and wait in the dead-letter queue"},
	}
}

func (a QueueAlarms) check(bad *problems) {
	var found problems
	a.Route.check("Route", &found)
	for _, spec := range a.alarmSpecs(nil, nil) {
		spec.check(&found)
	}
	bad.addWithPrefix("Alarms", found)
}
