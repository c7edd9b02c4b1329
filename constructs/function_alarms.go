package constructs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
)

// FunctionAlarms are the alarms of one function and their route.
type FunctionAlarms struct {
	// Route says where alarms are sent and which runbook they link to. Required.
	Route AlarmRoute
	// ErrorPercent is the share of invocations that fail, in percent, in two
	// periods of five minutes. Default: critical above 5, no warning.
	ErrorPercent AlarmLevels
	// MinimumInvocations is how many invocations five minutes must have for
	// ErrorPercent to count. With fewer, one failure may exceed the threshold. Default:
	// 1, every failure counts.
	MinimumInvocations int
	// DurationPercent is the 99th percentile of the duration, in percent of the
	// timeout, in two periods of five minutes. Default: warning above 80, not
	// critical.
	DurationPercent AlarmLevels
	// Throttles is how many invocations were throttled in five minutes. Default:
	// critical above 0, no warning.
	Throttles AlarmLevels
	// ConcurrencyLimit is how many invocations may run at once: the reserved
	// concurrency, or the function's share of the account's concurrency. Default:
	// the function's ReservedConcurrency if the construct knows it. Otherwise 0,
	// concurrency is not watched.
	ConcurrencyLimit int
	// ConcurrencyPercent is how many invocations run at once, in percent of
	// ConcurrencyLimit. Default: warning above 80, not critical.
	ConcurrencyPercent AlarmLevels
	// Asynchronous says that the function is invoked asynchronously. Lambda sends
	// events that keep failing to a dead-letter queue or a destination. Default:
	// true if the construct knows that the function has Async. Otherwise false,
	// FailedEvents and DeliveryFailures are not watched.
	Asynchronous bool
	// FailedEvents is how many events Lambda dropped after the last attempt in five
	// minutes. Default: warning above 0, not critical.
	FailedEvents AlarmLevels
	// DeliveryFailures is how many dropped events Lambda could not send to the
	// dead-letter queue or destination. Default: critical above 0, no warning.
	DeliveryFailures AlarmLevels
	// Stream says that the function reads a DynamoDB or Kinesis stream.
	// Default: false, IteratorAgeSeconds is not watched.
	Stream bool
	// IteratorAgeSeconds is how far the function lags behind its stream, in
	// two periods of five minutes. Default: warning above 300, not critical.
	IteratorAgeSeconds AlarmLevels
}

// alarmSpecs returns the alarm specs of a function with the timeout.
func (a FunctionAlarms) alarmSpecs(metrics functionMetrics, timeout time.Duration) []alarmSpec {
	metric := func(name, statistic string) func() awscloudwatch.IMetric {
		return func() awscloudwatch.IMetric { return metrics.metric(name, statistic) }
	}
	list := []alarmSpec{
		{name: "error-rate", prop: "ErrorPercent", levels: a.ErrorPercent, defaults: AlarmLevels{Warning: Off, Critical: 5},
			maximum: 100, periods: 2, metric: func() awscloudwatch.IMetric { return metrics.errorRate(a.MinimumInvocations) },
			description: "more than %s %% of invocations fail, for ten minutes"},
		{name: "duration", prop: "DurationPercent", levels: a.DurationPercent, defaults: AlarmLevels{Warning: 80, Critical: Off},
			maximum: 100, periods: 2, metric: metric("Duration", "p99"), unit: float64(timeout.Milliseconds()) / 100,
			description: "one invocation in a hundred takes more than %s %% of the timeout of " + timeout.String() + ", for ten minutes"},
		{name: "throttles", prop: "Throttles", levels: a.Throttles, defaults: AlarmLevels{Warning: Off},
			periods: 1, metric: metric("Throttles", "Sum"),
			description: "more than %s invocations were refused within five minutes"},
	}
	if a.ConcurrencyLimit > 0 {
		list = append(list, alarmSpec{name: "concurrency", prop: "ConcurrencyPercent", levels: a.ConcurrencyPercent,
			defaults: AlarmLevels{Warning: 80, Critical: Off}, maximum: 100, periods: 2,
			metric: metric("ConcurrentExecutions", "Maximum"), unit: float64(a.ConcurrencyLimit) / 100,
			description: "more than %s %% of the concurrency limit is in use, for ten minutes"})
	}
	if a.Asynchronous {
		list = append(list,
			alarmSpec{name: "failed-events", prop: "FailedEvents", levels: a.FailedEvents, defaults: AlarmLevels{Critical: Off},
				periods: 1, metric: metric("AsyncEventsDropped", "Sum"),
				description: "more than %s events were given up within five minutes"},
			alarmSpec{name: "lost-events", prop: "DeliveryFailures", levels: a.DeliveryFailures, defaults: AlarmLevels{Warning: Off},
				periods: 1, metric: metrics.deliveryFailures,
				description: "more than %s events reached neither dead-letter queue nor destination within five minutes"})
	}
	if a.Stream {
		list = append(list, alarmSpec{name: "iterator-age", prop: "IteratorAgeSeconds", levels: a.IteratorAgeSeconds,
			defaults: AlarmLevels{Warning: 300, Critical: Off}, periods: 2, metric: metric("IteratorAge", "Maximum"), unit: 1000,
			description: "the function is more than %s seconds behind its stream, for ten minutes"})
	}
	return list
}

func (a FunctionAlarms) check(bad *problems) {
	var found problems
	a.Route.check("Route", &found)
	found.require(a.MinimumInvocations >= 0, "MinimumInvocations", "is %d; use 0 for the default, or more", a.MinimumInvocations)
	found.require(a.ConcurrencyLimit >= 0, "ConcurrencyLimit", "is %d; use 0 for none, or more", a.ConcurrencyLimit)
	for _, unused := range []struct {
		levels AlarmLevels
		asked  bool
		prop   string
		needs  string
	}{
		{a.ConcurrencyPercent, a.ConcurrencyLimit > 0, "ConcurrencyPercent", "ConcurrencyLimit"},
		{a.FailedEvents, a.Asynchronous, "FailedEvents", "Asynchronous"},
		{a.DeliveryFailures, a.Asynchronous, "DeliveryFailures", "Asynchronous"},
		{a.IteratorAgeSeconds, a.Stream, "IteratorAgeSeconds", "Stream"},
	} {
		found.require(unused.asked || unused.levels == AlarmLevels{}, unused.prop, "is set but not watched; set %s too", unused.needs)
	}
	for _, spec := range a.alarmSpecs(functionMetrics{}, time.Second) {
		spec.check(&found)
	}
	bad.addWithPrefix("Alarms", found)
}
