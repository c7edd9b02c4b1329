package constructs

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// SeverityTag is the tag of an alarm that holds its Severity.
const SeverityTag = "severity"

// Severity says how soon an operator must look at an alarm.
type Severity string

const (
	// Warning can wait for working hours: users do not notice the fault yet.
	Warning Severity = "warning"
	// Critical needs an operator now: requests are failing or data is being lost.
	Critical Severity = "critical"
)

// Threshold is the value above which an alarm goes off. Zero means the alarm's
// default. Off means no alarm.
type Threshold float64

// Off switches an alarm off.
const Off Threshold = -1

// AlarmLevels are the thresholds of one kind of alarm, such as the error rate, by
// severity. Each threshold except Off makes an alarm of its own.
type AlarmLevels struct {
	// Warning is the threshold of the warning. Default: see the prop that holds the
	// AlarmLevels.
	Warning Threshold
	// Critical is the threshold of the critical alarm. It must be above Warning.
	// Default: see the prop that holds the AlarmLevels.
	Critical Threshold
	// Runbook is the https address of the runbook for this kind of alarm. Default:
	// the RunbookURL of the AlarmRoute, with the alarm kind's name as anchor.
	Runbook string
}

// AlarmRoute says where alarms are sent and which runbook they link to.
type AlarmRoute struct {
	// Target is notified when an alarm goes off and when it returns to OK. It is an
	// *AlertTopic, an ExistingTopic, AlarmActions, or NoAlarmActions. Required.
	Target AlarmTarget
	// WarningTarget is notified of warnings in place of Target. Default: Target.
	WarningTarget AlarmTarget
	// RunbookURL is the https address of the runbook. Each alarm's description ends
	// with this address and the alarm kind's name as anchor. Required.
	RunbookURL string
}

func (r AlarmRoute) check(prop string, bad *problems) {
	checkTarget(r.Target, prop+".Target", bad)
	if r.WarningTarget != nil {
		checkTarget(r.WarningTarget, prop+".WarningTarget", bad)
	}
	bad.require(isRunbook(r.RunbookURL), prop+".RunbookURL", "is %q; give an https address of at most 500 characters", r.RunbookURL)
}

func (r AlarmRoute) target(severity Severity) AlarmTarget {
	if severity == Warning && r.WarningTarget != nil {
		return r.WarningTarget
	}
	return r.Target
}

func isRunbook(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && len(address) <= 500
}

// alarmSpec describes one kind of alarm: the metric, the thresholds and the
// description.
type alarmSpec struct {
	name          string      // ends the alarms' names
	runbookAnchor string      // default: name
	function      string      // the function's name, if the alarm is about a single one of a fleet
	prop          string      // the prop with the levels, for error messages
	levels        AlarmLevels // as the caller gave them
	defaults      AlarmLevels
	maximum       Threshold // the metric's maximum; 0 if it has none
	periods       int       // how many periods of metricMinutes must be above the threshold
	metric        func() awscloudwatch.IMetric
	absence       bool    // goes off when the metric is at or below the threshold or has no data
	unit          float64 // the metric's value for a threshold of 1; default: 1
	description   string  // of the alarm; %s is the threshold, unless absence is set
}

func (s alarmSpec) check(bad *problems) {
	warning, critical := s.threshold(Warning), s.threshold(Critical)
	s.checkThreshold("Warning", warning, bad)
	s.checkThreshold("Critical", critical, bad)
	bad.require(warning == Off || critical == Off || warning < critical, s.prop,
		"has the warning at %s and the critical alarm at %s; lower the warning, or switch one Off", warning, critical)
	bad.require(s.levels.Runbook == "" || isRunbook(s.levels.Runbook), s.prop+".Runbook",
		"is %q; give an https address of at most 500 characters", s.levels.Runbook)
}

func (s alarmSpec) checkThreshold(severity string, t Threshold, bad *problems) {
	at := s.prop + "." + severity
	bad.require(t >= 0 || t == Off, at, "is %s; use a positive number, 0 for the default, or Off", t)
	bad.require(s.maximum == 0 || t < s.maximum, at, "is %s, which the metric cannot exceed; use less than %s", t, s.maximum)
}

func (s alarmSpec) threshold(severity Severity) Threshold {
	if severity == Warning {
		return orDefault(s.levels.Warning, s.defaults.Warning)
	}
	return orDefault(s.levels.Critical, s.defaults.Critical)
}

// alarmsBySeverity holds the alarms of a construct by severity, in the order in
// which they were made.
type alarmsBySeverity map[Severity][]awscloudwatch.Alarm

func (r alarmsBySeverity) all() []awscloudwatch.Alarm {
	return append(append([]awscloudwatch.Alarm{}, r[Critical]...), r[Warning]...)
}

// createAlarms makes the alarms that the specs describe. Their names begin with
// subject.
func createAlarms(scope constructs.Construct, subject string, route AlarmRoute, specs []alarmSpec) alarmsBySeverity {
	raised := alarmsBySeverity{}
	for _, s := range specs {
		for _, severity := range []Severity{Warning, Critical} {
			if s.threshold(severity) != Off {
				raised[severity] = append(raised[severity], s.alarm(scope, subject, route, severity))
			}
		}
	}
	return raised
}

func (s alarmSpec) alarm(scope constructs.Construct, subject string, route AlarmRoute, severity Severity) awscloudwatch.Alarm {
	threshold := s.threshold(severity)
	runbook := orDefault(s.levels.Runbook, route.RunbookURL+"#"+orDefault(s.runbookAnchor, s.name))
	comparison := awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD
	// A function without invocations reports no data, and that is no fault.
	missing := awscloudwatch.TreatMissingData_NOT_BREACHING
	if s.absence {
		comparison, missing = awscloudwatch.ComparisonOperator_LESS_THAN_OR_EQUAL_TO_THRESHOLD, awscloudwatch.TreatMissingData_BREACHING
	}
	alarm := awscloudwatch.NewAlarm(scope, jsii.String(s.id(severity)), &awscloudwatch.AlarmProps{
		AlarmName:          jsii.String(fmt.Sprintf("%s-%s-%s", subject, s.name, severity)),
		AlarmDescription:   jsii.String(fmt.Sprintf("%s: %s. Runbook: %s", subject, s.describe(threshold), runbook)),
		Metric:             s.metric(),
		Threshold:          jsii.Number(float64(threshold) * orDefault(s.unit, 1)),
		ComparisonOperator: comparison,
		EvaluationPeriods:  jsii.Number(s.periods),
		TreatMissingData:   missing,
	})
	awscdk.Tags_Of(alarm).Add(jsii.String(SeverityTag), jsii.String(string(severity)), nil)
	route.target(severity).addTo(alarm)
	return alarm
}

func (s alarmSpec) describe(threshold Threshold) string {
	if s.absence {
		return s.description
	}
	return fmt.Sprintf(s.description, threshold)
}

// id returns the alarm's construct id. Ids of alarms about single functions have a
// fingerprint, because two functions' names may differ in punctuation only.
func (s alarmSpec) id(severity Severity) string {
	if s.function == "" {
		return camelCase(s.name, string(severity))
	}
	return derivedID(s.name, string(severity))
}

// String writes the threshold in decimal notation, such as 5, not 5e+00.
func (t Threshold) String() string { return strconv.FormatFloat(float64(t), 'f', -1, 64) }
