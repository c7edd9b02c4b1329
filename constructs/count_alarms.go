package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// CountAlarmsProps are the props of NewCountAlarms.
type CountAlarmsProps struct {
	// Name begins the alarms' names, such as "shop-prod-security": 1 to 200 letters,
	// digits, and - _. Required.
	Name string
	// Route says where alarms are sent and which runbook they link to. Required.
	Route AlarmRoute
	// Namespace is the namespace of the metrics, such as "Shop". Required.
	Namespace string
	// Dimensions are the dimensions that all of the metrics have. Default: none.
	Dimensions map[string]string
	// Counts are the counted events, each with a name of its own. Required.
	Counts []Count
}

// Count is an event that an application counts in a metric of its own.
type Count struct {
	// Name ends the alarms' names and is the runbook's anchor, such as
	// "refused-sign-ins". Required.
	Name string
	// Metric is the name of the metric. Its values are numbers of occurrences.
	// Required.
	Metric string
	// Levels are the counts in five minutes above which alarms go off. Default:
	// warning above 0, not critical.
	Levels AlarmLevels
	// Description says what was counted, such as "sign-ins were refused". Required.
	Description string
}

// CountAlarms watches events that an application counts itself. A metric without
// data is no alarm.
type CountAlarms struct {
	constructs.Construct

	alarms alarmsBySeverity
}

// NewCountAlarms makes CountAlarms. It panics with a *PropsError on invalid props.
func NewCountAlarms(scope constructs.Construct, id string, props *CountAlarmsProps) *CountAlarms {
	p := valueOrZero(props)
	p.validate().panicIfAny("CountAlarms", scope, id)

	a := &CountAlarms{}
	constructs.NewConstruct_Override(a, scope, jsii.String(id))
	a.alarms = createAlarms(a, p.Name, p.Route, p.alarmSpecs())
	return a
}

// Alarms returns the alarms of a severity.
func (a *CountAlarms) Alarms(severity Severity) []awscloudwatch.Alarm {
	return a.alarms[severity]
}

func (p *CountAlarmsProps) alarmSpecs() []alarmSpec {
	specs := make([]alarmSpec, len(p.Counts))
	for i, count := range p.Counts {
		specs[i] = alarmSpec{
			name: count.Name, prop: fmt.Sprintf("Counts[%d].Levels", i), levels: count.Levels, defaults: AlarmLevels{Critical: Off},
			periods: 1, metric: func() awscloudwatch.IMetric { return p.sum(count.Metric) },
			description: "in five minutes, more than %s " + count.Description,
		}
	}
	return specs
}

func (p *CountAlarmsProps) sum(metric string) awscloudwatch.IMetric {
	props := &awscloudwatch.MetricProps{
		Namespace: jsii.String(p.Namespace), MetricName: jsii.String(metric),
		Statistic: jsii.String("Sum"), Period: metricPeriod(),
	}
	if len(p.Dimensions) > 0 {
		dimensions := make(map[string]*string, len(p.Dimensions))
		for name, value := range p.Dimensions {
			dimensions[name] = jsii.String(value)
		}
		props.DimensionsMap = &dimensions
	}
	return awscloudwatch.NewMetric(props)
}

func (p *CountAlarmsProps) validate() problems {
	var bad problems
	bad.require(alarmSubjectPattern.MatchString(p.Name), "Name", "is %q; use 1 to 200 letters, digits, and - _", p.Name)
	p.Route.check("Route", &bad)
	bad.require(p.Namespace != "", "Namespace", "is missing; give the namespace of the metrics")
	bad.require(len(p.Counts) > 0, "Counts", "is empty; say what is counted")
	seen := map[string]bool{}
	for i, count := range p.Counts {
		at := fmt.Sprintf("Counts[%d]", i)
		bad.require(alarmSubjectPattern.MatchString(count.Name), at+".Name", "is %q; use 1 to 200 letters, digits, and - _", count.Name)
		bad.require(!seen[count.Name], at+".Name", "is %q, as another's; alarms need names of their own", count.Name)
		bad.require(count.Metric != "", at+".Metric", "is missing; give the name of the metric")
		bad.require(count.Description != "", at+".Description", "is missing; say what was counted")
		seen[count.Name] = true
	}
	for _, spec := range p.alarmSpecs() {
		spec.check(&bad)
	}
	return bad
}
