package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// HttpApiMonitoringProps are the props of NewHttpApiMonitoring.
type HttpApiMonitoringProps struct {
	// Api is the API to watch, made by any construct. Required.
	Api awsapigatewayv2.IHttpApi
	// Name begins the alarms' names, so it must be unique in account and region.
	// Use the API's own name, 1 to 200 letters, digits, and - _. Required.
	Name string
	// Route says where alarms are sent and which runbook they link to. Required.
	Route AlarmRoute
	// ErrorPercent is the share of requests with a 5xx response, in percent, in two
	// periods of five minutes. Default: critical above 5, no warning.
	ErrorPercent AlarmLevels
	// MinimumRequests is how many requests five minutes must have for ErrorPercent to
	// count. With fewer, one failure would exceed the threshold. Default: 20.
	MinimumRequests int
	// LatencyMilliseconds is the 99th percentile of the response time, in two
	// periods of five minutes. Default: warning above 3000, not critical.
	LatencyMilliseconds AlarmLevels
}

// HttpApiMonitoring watches an HTTP API from its clients' side. Lambda does not
// count a function that answers 500 as failed. Requests that reach no function
// appear only in the API's metrics.
type HttpApiMonitoring struct {
	constructs.Construct

	alarms alarmsBySeverity
}

// NewHttpApiMonitoring makes an HttpApiMonitoring. It panics with a *PropsError
// on invalid props.
func NewHttpApiMonitoring(scope constructs.Construct, id string, props *HttpApiMonitoringProps) *HttpApiMonitoring {
	p := valueOrZero(props)
	p.MinimumRequests = orDefault(p.MinimumRequests, 20)
	p.validate().panicIfAny("HttpApiMonitoring", scope, id)

	m := &HttpApiMonitoring{}
	constructs.NewConstruct_Override(m, scope, jsii.String(id))
	m.alarms = createAlarms(m, p.Name, p.Route, p.alarmSpecs())
	return m
}

// Alarms returns the alarms of a severity. Use them in composite alarms, or to roll
// back a deployment.
func (m *HttpApiMonitoring) Alarms(severity Severity) []awscloudwatch.Alarm {
	return m.alarms[severity]
}

func (p *HttpApiMonitoringProps) alarmSpecs() []alarmSpec {
	return []alarmSpec{
		{name: "error-rate", prop: "ErrorPercent", levels: p.ErrorPercent, defaults: AlarmLevels{Warning: Off, Critical: 5},
			maximum: 100, periods: 2, metric: p.errorRate,
			description: fmt.Sprintf("more than %%s %%%% of %d or more requests are answered 5xx, for ten minutes", p.MinimumRequests)},
		{name: "latency", prop: "LatencyMilliseconds", levels: p.LatencyMilliseconds, defaults: AlarmLevels{Warning: 3000, Critical: Off},
			periods: 2, metric: p.latency,
			description: "one request in a hundred takes more than %s ms, for ten minutes"},
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
func (p *HttpApiMonitoringProps) errorRate() awscloudwatch.IMetric {
	sum := &awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: metricPeriod()}
	return mathExpression(rateFrom(p.MinimumRequests, "errors", "requests"), "Errors in %", map[string]awscloudwatch.IMetric{
		"errors":   p.Api.MetricServerError(sum),
		"requests": p.Api.MetricCount(sum),
	})
}

func (p *HttpApiMonitoringProps) latency() awscloudwatch.IMetric {
	return p.Api.MetricLatency(&awscloudwatch.MetricOptions{Statistic: jsii.String("p99"), Period: metricPeriod()})
}

func (p *HttpApiMonitoringProps) validate() problems {
	var bad problems
	bad.require(p.Api != nil, "Api", "is missing; give the HTTP API")
	bad.require(alarmSubjectPattern.MatchString(p.Name), "Name", "is %q; use 1 to 200 letters, digits, and - _", p.Name)
	p.Route.check("Route", &bad)
	bad.require(p.MinimumRequests >= 1, "MinimumRequests", "is %d; use at least 1 request", p.MinimumRequests)
	for _, spec := range p.alarmSpecs() {
		spec.check(&bad)
	}
	return bad
}
