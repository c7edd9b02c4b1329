package constructs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
)

// FunctionAlarms are the questions asked about one function, and where the
// answers go.
type FunctionAlarms struct {
	// Route says where alarms go and what they tell people to do. Required.
	Route AlarmRoute
	// ErrorPercent is the share of invocations that fail, in percent, in two
	// periods of five minutes. Default: critical above 5, no warning.
	ErrorPercent AlarmLevels
	// DurationPercent is the 99th percentile of the duration, in percent of the
	// timeout, in two periods of five minutes. Default: warning above 80, not
	// critical.
	DurationPercent AlarmLevels
	// Throttles is how many invocations were refused in five minutes. Default:
	// critical above 0, no warning.
	Throttles AlarmLevels
	// ConcurrencyLimit is how many invocations may run at once: the reserved
	// concurrency, or the function's share of the account's. Default: the
	// function's ReservedConcurrency where that is known, or else none, and
	// concurrency is not watched.
	ConcurrencyLimit int
	// ConcurrencyPercent is how many invocations run at once, in percent of
	// ConcurrencyLimit. Default: warning above 80, not critical.
	ConcurrencyPercent AlarmLevels
	// Asynchronous says that events are queued for the function, and given up
	// to a dead-letter queue or a destination when it keeps failing. Default:
	// true where the function is known to have Async, or else false, and
	// FailedEvents and LostEvents are not watched.
	Asynchronous bool
	// FailedEvents is how many events were given up in five minutes. Default:
	// warning above 0, not critical.
	FailedEvents AlarmLevels
	// LostEvents is how many of these reached neither queue nor destination.
	// Default: critical above 0, no warning.
	LostEvents AlarmLevels
	// Stream says that the function reads a DynamoDB or Kinesis stream.
	// Default: false, IteratorAgeSeconds is not watched.
	Stream bool
	// IteratorAgeSeconds is how far the function lags behind its stream, in
	// two periods of five minutes. Default: warning above 300, not critical.
	IteratorAgeSeconds AlarmLevels
}

// questions lists what is asked about a function with the timeout.
func (a FunctionAlarms) questions(metrics functionMetrics, timeout time.Duration) []question {
	metric := func(name, statistic string) func() awscloudwatch.IMetric {
		return func() awscloudwatch.IMetric { return metrics.metric(name, statistic) }
	}
	list := []question{
		{name: "error-rate", prop: "ErrorPercent", levels: a.ErrorPercent, defaults: AlarmLevels{Warning: Off, Critical: 5},
			ceiling: 100, periods: 2, metric: metrics.errorRate,
			says: "more than %s %% of invocations fail, for ten minutes"},
		{name: "duration", prop: "DurationPercent", levels: a.DurationPercent, defaults: AlarmLevels{Warning: 80, Critical: Off},
			ceiling: 100, periods: 2, metric: metric("Duration", "p99"), unit: float64(timeout.Milliseconds()) / 100,
			says: "one invocation in a hundred takes more than %s %% of the timeout of " + timeout.String() + ", for ten minutes"},
		{name: "throttles", prop: "Throttles", levels: a.Throttles, defaults: AlarmLevels{Warning: Off},
			periods: 1, metric: metric("Throttles", "Sum"),
			says: "more than %s invocations were refused within five minutes"},
	}
	if a.ConcurrencyLimit > 0 {
		list = append(list, question{name: "concurrency", prop: "ConcurrencyPercent", levels: a.ConcurrencyPercent,
			defaults: AlarmLevels{Warning: 80, Critical: Off}, ceiling: 100, periods: 2,
			metric: metric("ConcurrentExecutions", "Maximum"), unit: float64(a.ConcurrencyLimit) / 100,
			says: "more than %s %% of the concurrency limit is in use, for ten minutes"})
	}
	if a.Asynchronous {
		list = append(list,
			question{name: "failed-events", prop: "FailedEvents", levels: a.FailedEvents, defaults: AlarmLevels{Critical: Off},
				periods: 1, metric: metric("AsyncEventsDropped", "Sum"),
				says: "more than %s events were given up within five minutes"},
			question{name: "lost-events", prop: "LostEvents", levels: a.LostEvents, defaults: AlarmLevels{Warning: Off},
				periods: 1, metric: metrics.lostEvents,
				says: "more than %s events reached neither dead-letter queue nor destination within five minutes"})
	}
	if a.Stream {
		list = append(list, question{name: "iterator-age", prop: "IteratorAgeSeconds", levels: a.IteratorAgeSeconds,
			defaults: AlarmLevels{Warning: 300, Critical: Off}, periods: 2, metric: metric("IteratorAge", "Maximum"), unit: 1000,
			says: "the function is more than %s seconds behind its stream, for ten minutes"})
	}
	return list
}

func (a FunctionAlarms) check(bad *problems) {
	var found problems
	a.Route.check("Route", &found)
	found.require(a.ConcurrencyLimit >= 0, "ConcurrencyLimit", "is %d; use 0 for none, or more", a.ConcurrencyLimit)
	for _, unused := range []struct {
		levels AlarmLevels
		asked  bool
		prop   string
		needs  string
	}{
		{a.ConcurrencyPercent, a.ConcurrencyLimit > 0, "ConcurrencyPercent", "ConcurrencyLimit"},
		{a.FailedEvents, a.Asynchronous, "FailedEvents", "Asynchronous"},
		{a.LostEvents, a.Asynchronous, "LostEvents", "Asynchronous"},
		{a.IteratorAgeSeconds, a.Stream, "IteratorAgeSeconds", "Stream"},
	} {
		found.require(unused.asked || unused.levels == AlarmLevels{}, unused.prop, "is set but not watched; set %s too", unused.needs)
	}
	for _, q := range a.questions(functionMetrics{}, time.Second) {
		q.check(&found)
	}
	bad.addUnder("Alarms", found)
}
