package constructs

import (
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// FleetDomain is a group of functions that the dashboard shows together.
type FleetDomain struct {
	// Name is the heading. Required.
	Name string
	// Functions are the functions' physical names, at most 100. Required.
	Functions []string
}

// FleetAlarmScope says what the alarms on errors and throttles count.
type FleetAlarmScope string

// The scopes of alarms.
const (
	// EachFunction counts the failures of each function by itself. The alarm names the
	// function that fails. CloudWatch charges for each function.
	EachFunction FleetAlarmScope = ""
	// WholeAccount counts the failures of all functions of the account and region
	// together. The alarm does not name the function that fails, and costs as much as
	// one metric. There is no alarm on the duration of all functions, because their
	// timeouts differ; a function that times out counts among the errors.
	// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
	WholeAccount FleetAlarmScope = "account"
)

// FunctionFleetProps are the props of NewFunctionFleet.
type FunctionFleetProps struct {
	// Name begins the names of alarms and dashboards, such as "shop-prod", 1 to
	// 100 letters, digits, and - _. Required.
	Name string
	// Route says where alarms are sent and which runbook they link to. Required.
	Route AlarmRoute
	// AlarmScope says what the alarms for Errors and Throttles count. Default:
	// EachFunction.
	AlarmScope FleetAlarmScope
	// ExcludedFunctions are the names of functions of the account that are not
	// watched. It is for EachFunction only. Default: none, all functions of the account
	// are watched.
	ExcludedFunctions []string
	// Timeout is the timeout of most functions. Default: 10 seconds, the default of
	// LeastPrivilegeFunction.
	Timeout time.Duration
	// OtherTimeouts are the timeouts of the functions that differ from Timeout, by
	// function name. Each of these functions gets its own alarms for
	// DurationPercent. Default: none.
	OtherTimeouts map[string]time.Duration
	// Errors is how many invocations of one function, or of the account, fail in five
	// minutes, in two such periods. Default: critical above 10, no warning.
	Errors AlarmLevels
	// Throttles is how many invocations of one function, or of the account, were
	// throttled in five minutes. Default: critical above 0, no warning.
	Throttles AlarmLevels
	// DurationPercent is the longest duration of one function, in percent of
	// its timeout, in two periods of five minutes. Default: warning above 80,
	// not critical.
	DurationPercent AlarmLevels
	// BackgroundFunctions are the names of functions that no client waits for, such
	// as functions that run on a schedule or rotate a secret. They run too rarely
	// to exceed Errors, so each gets its own alarms for BackgroundErrors. Default:
	// none.
	BackgroundFunctions []string
	// BackgroundErrors is how many invocations of one background function fail in
	// five minutes. Default: warning above 0, not critical.
	BackgroundErrors AlarmLevels
	// Schedules are the periods of rules of EventBridge that invoke functions, by the
	// rule's name, from one minute to 84 hours. Each gets an alarm of its own (a
	// warning), which goes off when the rule invoked nothing for two periods, at least
	// for ten minutes. Default: none.
	Schedules map[string]time.Duration
	// ScheduleGroups are the longest times between two runs of schedules of EventBridge
	// Scheduler, by the schedule group, from one minute to 84 hours. EventBridge
	// Scheduler has metrics by group, so a schedule needs a group of its own. Each gets
	// the alarm of Schedules. Default: none.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
	ScheduleGroups map[string]time.Duration
	// Domains are the groups of functions that the dashboard LambdaPerformance
	// shows one by one. Default: none, it shows the account's functions together
	// and the top ten.
	Domains []FleetDomain
	// Tables are the physical names of DynamoDB tables, at most 100. Default:
	// none, and no dashboard DynamoDBMetrics.
	Tables []string
}

// FunctionFleet watches all Lambda functions of the account and region. It has one
// alarm of each kind, for each function by itself or for all of them together. It
// includes functions that are added later. It also has dashboards.
type FunctionFleet struct {
	constructs.Construct
	// LambdaPerformance shows invocations, errors and durations.
	LambdaPerformance awscloudwatch.Dashboard
	// DynamoDBMetrics shows errors and consumed capacity of the tables. It is nil
	// without Tables.
	DynamoDBMetrics awscloudwatch.Dashboard

	alarms alarmsBySeverity
}

// NewFunctionFleet makes a FunctionFleet. It panics with a *PropsError on
// invalid props.
func NewFunctionFleet(scope constructs.Construct, id string, props *FunctionFleetProps) *FunctionFleet {
	p := props.withDefaults()
	p.validate().panicIfAny("FunctionFleet", scope, id)

	f := &FunctionFleet{}
	constructs.NewConstruct_Override(f, scope, jsii.String(id))
	f.alarms = createAlarms(f, p.Name, p.Route, append(p.fleetAlarmSpecs(), p.functionAlarmSpecs()...))
	f.LambdaPerformance = lambdaDashboard(f, p, f.alarms.all())
	if len(p.Tables) > 0 {
		f.DynamoDBMetrics = tableDashboard(f, p)
	}
	return f
}

// Alarms returns the alarms of a severity.
func (f *FunctionFleet) Alarms(severity Severity) []awscloudwatch.Alarm {
	return f.alarms[severity]
}

func (p *FunctionFleetProps) withDefaults() FunctionFleetProps {
	d := valueOrZero(p)
	d.Timeout = orDefault(d.Timeout, 10*time.Second)
	return d
}

// fleetAlarmSpecs returns the alarm specs of the whole fleet.
func (p FunctionFleetProps) fleetAlarmSpecs() []alarmSpec {
	failures, who := p.fleetFailures()
	list := []alarmSpec{
		{name: "errors", prop: "Errors", levels: p.Errors, defaults: AlarmLevels{Warning: Off, Critical: 10},
			periods: 2, metric: failures("Errors"),
			description: "more than %s invocations of " + who + " fail every five minutes, for ten minutes"},
		{name: "throttles", prop: "Throttles", levels: p.Throttles, defaults: AlarmLevels{Warning: Off},
			periods: 1, metric: failures("Throttles"),
			description: "more than %s invocations of " + who + " were refused within five minutes"},
	}
	if p.AlarmScope == WholeAccount {
		return list
	}
	longest := func() awscloudwatch.IMetric { return fleetMetric("MAX", "Duration", p.notInFleetDuration()) }
	return append(list, p.durationSpec("duration", "a function", p.Timeout, longest))
}

// fleetFailures returns how alarms count failed invocations, and the words for whose
// they are.
func (p FunctionFleetProps) fleetFailures() (count func(metric string) func() awscloudwatch.IMetric, who string) {
	if p.AlarmScope == WholeAccount {
		return func(metric string) func() awscloudwatch.IMetric {
			return func() awscloudwatch.IMetric { return metricOf("AWS/Lambda", metric, "Sum", "", "") }
		}, "the account's functions"
	}
	return func(metric string) func() awscloudwatch.IMetric {
		return func() awscloudwatch.IMetric { return fleetMetric("SUM", metric, p.ExcludedFunctions) }
	}, "a function"
}

// functionAlarmSpecs returns the alarm specs of the functions that need alarms of
// their own.
func (p FunctionFleetProps) functionAlarmSpecs() []alarmSpec {
	var list []alarmSpec
	for _, name := range slices.Sorted(maps.Keys(p.OtherTimeouts)) {
		spec := p.durationSpec("duration-"+name, name, p.OtherTimeouts[name], metricOfFunction("Duration", "Maximum", name))
		spec.runbookAnchor, spec.function = "duration", name
		list = append(list, spec)
	}
	for _, name := range p.BackgroundFunctions {
		list = append(list, p.backgroundErrorSpec(name))
	}
	for _, rule := range slices.Sorted(maps.Keys(p.Schedules)) {
		list = append(list, missedRunsSpec(invocationsOfRule(rule), rule, p.Schedules[rule]))
	}
	for _, group := range slices.Sorted(maps.Keys(p.ScheduleGroups)) {
		list = append(list, missedRunsSpec(attemptsOfGroup(group), group, p.ScheduleGroups[group]))
	}
	return list
}

// metricOfFunction returns a metric of the named function.
func metricOfFunction(metric, statistic, name string) func() awscloudwatch.IMetric {
	return func() awscloudwatch.IMetric { return metricOf("AWS/Lambda", metric, statistic, "FunctionName", name) }
}

func (p FunctionFleetProps) backgroundErrorSpec(name string) alarmSpec {
	return alarmSpec{name: "failed-runs-" + name, runbookAnchor: "failed-runs", function: name, prop: "BackgroundErrors", levels: p.BackgroundErrors,
		defaults: AlarmLevels{Critical: Off}, periods: 1, metric: metricOfFunction("Errors", "Sum", name),
		description: "more than %s runs of " + name + " failed within five minutes, and nobody waits for its answer"}
}

// invocationsOfRule counts how often a rule invoked its function, since the function may
// have other callers.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
func invocationsOfRule(rule string) awscloudwatch.Metric {
	return metricOf("AWS/Events", "Invocations", "Sum", "RuleName", rule)
}

// attemptsOfGroup counts how often the schedules of a group invoked their targets.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
func attemptsOfGroup(group string) awscloudwatch.Metric {
	return metricOf("AWS/Scheduler", "InvocationAttemptCount", "Sum", "ScheduleGroup", group)
}

// missedRunsSpec returns the spec of the alarm on a schedule that stopped, given the
// metric of its runs and the longest time between two of them.
func missedRunsSpec(runs awscloudwatch.Metric, name string, period time.Duration) alarmSpec {
	// EventBridge's metrics arrive late by minutes.
	period = max(period, metricMinutes*time.Minute)
	return alarmSpec{name: "missed-runs-" + name, runbookAnchor: "missed-runs", function: name,
		defaults: AlarmLevels{Critical: Off}, periods: 2, absence: true,
		metric: func() awscloudwatch.IMetric {
			return runs.With(&awscloudwatch.MetricOptions{Period: awscdk.Duration_Seconds(jsii.Number(period.Seconds()))})
		},
		description: "the schedule " + name + " invoked nothing for " + (2 * period).String()}
}

func (p FunctionFleetProps) durationSpec(name, who string, timeout time.Duration, metric func() awscloudwatch.IMetric) alarmSpec {
	return alarmSpec{name: name, prop: "DurationPercent", levels: p.DurationPercent,
		defaults: AlarmLevels{Warning: 80, Critical: Off}, maximum: 100, periods: 2,
		metric: metric, unit: float64(timeout.Milliseconds()) / 100,
		description: who + " takes more than %s %% of its timeout of " + timeout.String() + ", for ten minutes"}
}

// notInFleetDuration returns the functions that the fleet's duration alarm leaves
// out.
func (p FunctionFleetProps) notInFleetDuration() []string {
	return append(slices.Clone(p.ExcludedFunctions), slices.Sorted(maps.Keys(p.OtherTimeouts))...)
}
