package constructs

import (
	"regexp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// FunctionMonitoringProps are the props of NewFunctionMonitoring.
type FunctionMonitoringProps struct {
	// Function is the function to watch, made by any construct. Required.
	Function awslambda.IFunction
	// Name begins the alarms' names, so it must be unique in account and region.
	// Use the function's own name, 1 to 200 letters, digits, and - _. Required.
	Name string
	// Timeout is the function's timeout. Required.
	Timeout time.Duration
	// Alarms are the alarms of the function and their route. Alarms.Route is
	// required.
	Alarms FunctionAlarms
}

// FunctionMonitoring watches one Lambda function: alarms at two severities, each
// with a runbook, and widgets for a dashboard.
type FunctionMonitoring struct {
	constructs.Construct

	alarms  alarmsBySeverity
	metrics functionMetrics
	timeout time.Duration
}

// NewFunctionMonitoring makes a FunctionMonitoring. It panics with a *PropsError
// on invalid props.
func NewFunctionMonitoring(scope constructs.Construct, id string, props *FunctionMonitoringProps) *FunctionMonitoring {
	p := valueOrZero(props)
	p.validate().panicIfAny("FunctionMonitoring", scope, id)
	return newFunctionMonitoring(scope, id, p)
}

func newFunctionMonitoring(scope constructs.Construct, id string, p FunctionMonitoringProps) *FunctionMonitoring {
	m := &FunctionMonitoring{metrics: functionMetrics{p.Function}, timeout: p.Timeout}
	constructs.NewConstruct_Override(m, scope, jsii.String(id))
	m.alarms = createAlarms(m, p.Name, p.Alarms.Route, p.Alarms.alarmSpecs(m.metrics, p.Timeout))
	return m
}

// Alarms returns the alarms of a severity. Use them in composite alarms, or to roll
// back a deployment.
func (m *FunctionMonitoring) Alarms(severity Severity) []awscloudwatch.Alarm {
	return m.alarms[severity]
}

// Widgets returns one row of a dashboard: invocations, durations and
// concurrency.
func (m *FunctionMonitoring) Widgets() []awscloudwatch.IWidget {
	line := m.metrics.labelledMetric
	return []awscloudwatch.IWidget{
		graphWidget("Invocations", []awscloudwatch.IMetric{
			line("Invocations", "Sum", "Invocations"), line("Errors", "Sum", "Errors"),
		}),
		graphWidget("Duration", []awscloudwatch.IMetric{
			line("Duration", "p50", "p50"), line("Duration", "p99", "p99"),
		}, &awscloudwatch.HorizontalAnnotation{
			Label: jsii.String("Timeout"), Value: jsii.Number(m.timeout.Milliseconds()),
		}),
		graphWidget("Concurrency", []awscloudwatch.IMetric{
			line("ConcurrentExecutions", "Maximum", "Running at once"), line("Throttles", "Sum", "Throttles"),
		}),
	}
}

// An alarm's name has at most 255 characters, of which the alarm kind's name takes
// some.
var alarmSubjectPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`)

func (p *FunctionMonitoringProps) validate() problems {
	var bad problems
	bad.require(p.Function != nil, "Function", "is missing; give the function to watch")
	bad.require(alarmSubjectPattern.MatchString(p.Name), "Name", "is %q; use 1 to 200 letters, digits, and - _", p.Name)
	bad.require(p.Timeout >= time.Second && p.Timeout <= maxTimeout, "Timeout", "is %s; give the function's own, 1s to %s", p.Timeout, maxTimeout)
	p.Alarms.check(&bad)
	return bad
}
