package constructs

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ObjectiveAlarmsProps are the props of NewObjectiveAlarms.
type ObjectiveAlarmsProps struct {
	// Name begins the alarms' names, so it must be unique in account and region: 1 to
	// 200 letters, digits, and - _. Required.
	Name string
	// Route says where alarms are sent and which runbook they link to. Required.
	Route AlarmRoute
	// Objectives are the objectives, each with a name of its own. Required.
	Objectives []Objective
}

// Objective is a service level objective (SLO): the percentage of requests that must
// succeed within 30 days.
type Objective struct {
	// Name names the objective, such as "availability". It is the runbook's anchor.
	// Required.
	Name string
	// Percent is the percentage of requests that must succeed, 90 to 99.99. Required.
	Percent float64
	// ErrorRatio is the service level indicator (SLI): the requests that failed, of all.
	// Required.
	ErrorRatio ErrorRatio
}

// ErrorRatio returns the percentage of requests that failed within a period. What counts
// as failed is the objective's choice, such as an error or a slow response.
type ErrorRatio func(period awscdk.Duration) awscloudwatch.IMetric

// ApiErrorRatio is the percentage of requests to an HTTP API that are answered 5xx. It is 0 in
// periods with fewer than minimum requests.
func ApiErrorRatio(api awsapigatewayv2.IHttpApi, minimum int) ErrorRatio {
	return func(period awscdk.Duration) awscloudwatch.IMetric {
		sum := &awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: period}
		return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression: jsii.String(rateFrom(minimum, "errors", "requests")), Label: jsii.String("Errors in %"), Period: period,
			UsingMetrics: &map[string]awscloudwatch.IMetric{"errors": api.MetricServerError(sum), "requests": api.MetricCount(sum)},
		})
	}
}

// ApiSlowRatio is the percentage of requests to an HTTP API that take longer than limit.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
func ApiSlowRatio(api awsapigatewayv2.IHttpApi, limit time.Duration) ErrorRatio {
	return func(period awscdk.Duration) awscloudwatch.IMetric {
		slow := fmt.Sprintf("PR(%d:)", limit.Milliseconds())
		return api.MetricLatency(&awscloudwatch.MetricOptions{Statistic: jsii.String(slow), Period: period})
	}
}

// burnRate is how many times faster than allowed the errors of 30 days are used up,
// seen over a long window and over a short one, so that the alarm ends soon after the
// fault. https://sre.google/workbook/alerting-on-slos/
type burnRate struct {
	severity    Severity
	factor      float64
	long, short time.Duration
}

var burnRates = []burnRate{
	{Critical, 14.4, time.Hour, 5 * time.Minute},  // 2 % of the errors of 30 days within an hour
	{Warning, 6, 6 * time.Hour, 30 * time.Minute}, // 5 % within six hours
}

// ObjectiveAlarms alarms when the errors that an objective allows in 30 days are used
// up too fast.
type ObjectiveAlarms struct {
	constructs.Construct

	alarms map[Severity][]awscloudwatch.CompositeAlarm
}

// NewObjectiveAlarms makes ObjectiveAlarms. It panics with a *PropsError on invalid
// props.
func NewObjectiveAlarms(scope constructs.Construct, id string, props *ObjectiveAlarmsProps) *ObjectiveAlarms {
	p := valueOrZero(props)
	p.validate().panicIfAny("ObjectiveAlarms", scope, id)

	a := &ObjectiveAlarms{alarms: map[Severity][]awscloudwatch.CompositeAlarm{}}
	constructs.NewConstruct_Override(a, scope, jsii.String(id))
	for _, objective := range p.Objectives {
		for _, rate := range burnRates {
			a.alarms[rate.severity] = append(a.alarms[rate.severity], a.alarm(p, objective, rate))
		}
	}
	return a
}

// Alarms returns the alarms of a severity.
func (a *ObjectiveAlarms) Alarms(severity Severity) []awscloudwatch.CompositeAlarm {
	return a.alarms[severity]
}

// alarm returns the alarm that goes off while both windows are above the burn rate.
func (a *ObjectiveAlarms) alarm(p ObjectiveAlarmsProps, o Objective, rate burnRate) awscloudwatch.CompositeAlarm {
	name := fmt.Sprintf("%s-%s-%s", p.Name, o.Name, rate.severity)
	runbook := p.Route.RunbookURL + "#" + o.Name
	threshold := rate.factor * (100 - o.Percent)
	window := func(kind string, length time.Duration) awscloudwatch.IAlarmRule {
		alarm := awscloudwatch.NewAlarm(a, jsii.String(derivedID(o.Name, string(rate.severity), kind)), &awscloudwatch.AlarmProps{
			AlarmName:          jsii.String(name + "-" + kind),
			AlarmDescription:   jsii.String(fmt.Sprintf("%s: more than %.3g %% of requests went wrong in %s, part of %s. Runbook: %s", p.Name, threshold, length, name, runbook)),
			Metric:             o.ErrorRatio(awscdk.Duration_Minutes(jsii.Number(length.Minutes()))),
			Threshold:          jsii.Number(threshold),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
			EvaluationPeriods:  jsii.Number(1),
			TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
		})
		return awscloudwatch.AlarmRule_FromAlarm(alarm, awscloudwatch.AlarmState_ALARM)
	}
	alarm := awscloudwatch.NewCompositeAlarm(a, jsii.String(derivedID(o.Name, string(rate.severity))), &awscloudwatch.CompositeAlarmProps{
		CompositeAlarmName: jsii.String(name),
		AlarmDescription: jsii.String(fmt.Sprintf("%s: the errors that %s of %v %% allows in 30 days are used up %v times too fast. Runbook: %s",
			p.Name, o.Name, o.Percent, rate.factor, runbook)),
		AlarmRule: awscloudwatch.AlarmRule_AllOf(window("long", rate.long), window("short", rate.short)),
	})
	awscdk.Tags_Of(alarm).Add(jsii.String(SeverityTag), jsii.String(string(rate.severity)), nil)
	p.Route.target(rate.severity).addTo(alarm)
	return alarm
}

func (p *ObjectiveAlarmsProps) validate() problems {
	var bad problems
	bad.require(alarmSubjectPattern.MatchString(p.Name), "Name", "is %q; use 1 to 200 letters, digits, and - _", p.Name)
	p.Route.check("Route", &bad)
	bad.require(len(p.Objectives) > 0, "Objectives", "is empty; give an objective")
	seen := map[string]bool{}
	for i, o := range p.Objectives {
		at := fmt.Sprintf("Objectives[%d]", i)
		bad.require(alarmSubjectPattern.MatchString(o.Name), at+".Name", "is %q; use 1 to 200 letters, digits, and - _", o.Name)
		bad.require(!seen[o.Name], at+".Name", "is %q, as another's; alarms need names of their own", o.Name)
		bad.require(o.Percent >= 90 && o.Percent <= 99.99, at+".Percent", "is %v; use 90 to 99.99", o.Percent)
		bad.require(o.ErrorRatio != nil, at+".ErrorRatio", "is missing; give ApiErrorRatio, ApiSlowRatio or a ratio of your own")
		seen[o.Name] = true
	}
	return bad
}
