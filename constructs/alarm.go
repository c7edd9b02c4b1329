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

// Severity says how soon someone has to look at an alarm.
type Severity string

const (
	// Warning is for the working day: users do not notice yet.
	Warning Severity = "warning"
	// Critical is for now: users are turned away, or data is lost.
	Critical Severity = "critical"
)

// Threshold is the value an alarm goes off above. Zero stands for the alarm's
// default; Off says that there is to be no such alarm.
type Threshold float64

// Off as a threshold switches an alarm off.
const Off Threshold = -1

// AlarmLevels are the thresholds of one question, such as the error rate, by
// severity. Each that is not Off makes an alarm of its own.
type AlarmLevels struct {
	// Warning is the threshold of the warning. Default: the question's.
	Warning Threshold
	// Critical is the threshold of the critical alarm, above the warning's.
	// Default: the question's.
	Critical Threshold
	// Runbook is the https address of what to do about it. Default: the
	// RunbookURL beside, with the question's name as anchor.
	Runbook string
}

// AlarmRoute says where alarms go and what they tell people to do.
type AlarmRoute struct {
	// Target is told when an alarm goes off and when it is over: an *AlertTopic, an
	// ExistingTopic, AlarmActions, or NoAlarmActions. Required.
	Target AlarmTarget
	// WarningTarget is told of warnings instead of Target. Default: Target.
	WarningTarget AlarmTarget
	// RunbookURL is the https address of the runbook. An alarm's description
	// ends in it, with the question's name as anchor. Required.
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

// alarmSpec is what alarms ask about a function or a fleet: what is measured,
// when it matters, and how to say so.
type alarmSpec struct {
	name          string      // the end of the alarms' names
	runbookAnchor string      // the runbook's; the name where empty
	function      string      // the one function that a fleet asks it of
	prop          string      // where its levels are, for problems
	levels        AlarmLevels // as given
	defaults      AlarmLevels
	maximum       Threshold // what the measure cannot exceed; 0 where nothing bounds it
	periods       int       // how many of metricMinutes have to be above the threshold
	metric        func() awscloudwatch.IMetric
	unit          float64 // how much of the metric one of the threshold is; 0 means 1
	description   string  // the description; %s is the threshold
}

func (s alarmSpec) check(bad *problems) {
	warning, critical := s.threshold(Warning), s.threshold(Critical)
	s.checkThreshold("Warning", warning, bad)
	s.checkThreshold("Critical", critical, bad)
	bad.require(warning == Off || critical == Off || warning < critical, s.prop,
		"warns above %s and is critical above %s; warn earlier, or switch one Off", warning, critical)
	bad.require(s.levels.Runbook == "" || isRunbook(s.levels.Runbook), s.prop+".Runbook",
		"is %q; give an https address of at most 500 characters", s.levels.Runbook)
}

func (s alarmSpec) checkThreshold(severity string, t Threshold, bad *problems) {
	at := s.prop + "." + severity
	bad.require(t >= 0 || t == Off, at, "is %s; use a positive number, 0 for the default, or Off", t)
	bad.require(s.maximum == 0 || t < s.maximum, at, "is %s, which nothing can exceed; use less than %s", t, s.maximum)
}

func (s alarmSpec) threshold(severity Severity) Threshold {
	if severity == Warning {
		return orDefault(s.levels.Warning, s.defaults.Warning)
	}
	return orDefault(s.levels.Critical, s.defaults.Critical)
}

// alarmsBySeverity are the alarms of a construct by severity, in order.
type alarmsBySeverity map[Severity][]awscloudwatch.Alarm

func (r alarmsBySeverity) all() []awscloudwatch.Alarm {
	return append(append([]awscloudwatch.Alarm{}, r[Critical]...), r[Warning]...)
}

// createAlarms makes the alarms of the specs about subject.
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
	alarm := awscloudwatch.NewAlarm(scope, jsii.String(s.id(severity)), &awscloudwatch.AlarmProps{
		AlarmName:          jsii.String(fmt.Sprintf("%s-%s-%s", subject, s.name, severity)),
		AlarmDescription:   jsii.String(fmt.Sprintf("%s: "+s.description+". Runbook: %s", subject, threshold, runbook)),
		Metric:             s.metric(),
		Threshold:          jsii.Number(float64(threshold) * orDefault(s.unit, 1)),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
		EvaluationPeriods:  jsii.Number(s.periods),
		// What is not called reports nothing, and is well.
		TreatMissingData: awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	awscdk.Tags_Of(alarm).Add(jsii.String(SeverityTag), jsii.String(string(severity)), nil)
	route.target(severity).addTo(alarm)
	return alarm
}

// id returns the alarm's construct id. Of two functions whose names differ in
// punctuation only, each has an alarm of its own.
func (s alarmSpec) id(severity Severity) string {
	if s.function == "" {
		return camelCase(s.name, string(severity))
	}
	return derivedID(s.name, string(severity))
}

// String writes a threshold as people do: 5, not 5e+00.
func (t Threshold) String() string { return strconv.FormatFloat(float64(t), 'f', -1, 64) }
