package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// EmailReputationProps are the props of NewEmailReputation.
type EmailReputationProps struct {
	// Name begins the alarms' names, such as "shop-prod-mail": 1 to 200 letters,
	// digits, and - _. Required.
	Name string
	// Route says where alarms are sent and which runbook they link to. Required.
	Route AlarmRoute
	// BouncePercent is the share of recipients that do not exist, in percent.
	// Default: warning above 2, critical above 4.
	BouncePercent AlarmLevels
	// ComplaintPercent is the share of recipients that report the e-mail as spam,
	// in percent. Default: warning above 0.04, critical above 0.08.
	ComplaintPercent AlarmLevels
}

// EmailReputation watches the bounce and complaint rates of the account and region.
// SES reviews an account at 5 % bounces or 0.1 % complaints. It stops sending at 10
// % or 0.5 %. The alarms go off before SES reviews the account.
// https://docs.aws.amazon.com/ses/latest/dg/reputationdashboardmessages.html
type EmailReputation struct {
	constructs.Construct

	alarms alarmsBySeverity
}

// NewEmailReputation makes an EmailReputation. It panics with a *PropsError on
// invalid props.
func NewEmailReputation(scope constructs.Construct, id string, props *EmailReputationProps) *EmailReputation {
	p := valueOrZero(props)
	p.validate().panicIfAny("EmailReputation", scope, id)

	r := &EmailReputation{}
	constructs.NewConstruct_Override(r, scope, jsii.String(id))
	r.alarms = createAlarms(r, p.Name, p.Route, p.alarmSpecs())
	return r
}

// Alarms returns the alarms of a severity.
func (r *EmailReputation) Alarms(severity Severity) []awscloudwatch.Alarm {
	return r.alarms[severity]
}

func (p *EmailReputationProps) alarmSpecs() []alarmSpec {
	return []alarmSpec{
		{name: "bounce-rate", prop: "BouncePercent", levels: p.BouncePercent, defaults: AlarmLevels{Warning: 2, Critical: 4},
			maximum: 100, periods: 1, metric: reputationMetric("Reputation.BounceRate"), unit: 0.01,
			description: "more than %s %% of e-mails bounce; SES stops sending at 10 %%"},
		{name: "complaint-rate", prop: "ComplaintPercent", levels: p.ComplaintPercent, defaults: AlarmLevels{Warning: 0.04, Critical: 0.08},
			maximum: 100, periods: 1, metric: reputationMetric("Reputation.ComplaintRate"), unit: 0.01,
			description: "more than %s %% of e-mails are called spam; SES stops sending at 0.5 %%"},
	}
}

// reputationMetric returns a reputation metric of SES, a share between 0 and 1. SES
// averages it over many e-mails already, so the newest hour's value is enough.
// https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html
func reputationMetric(name string) func() awscloudwatch.IMetric {
	return func() awscloudwatch.IMetric {
		return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String("AWS/SES"), MetricName: jsii.String(name),
			Statistic: jsii.String("Average"), Period: awscdk.Duration_Hours(jsii.Number(1)),
		})
	}
}

func (p *EmailReputationProps) validate() problems {
	var bad problems
	bad.require(alarmSubjectPattern.MatchString(p.Name), "Name", "is %q; use 1 to 200 letters, digits, and - _", p.Name)
	p.Route.check("Route", &bad)
	for _, spec := range p.alarmSpecs() {
		spec.check(&bad)
	}
	return bad
}
