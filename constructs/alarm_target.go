package constructs

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
)

// AlarmTarget is what an alarm notifies when it goes off and when it returns to OK.
// The types that implement it are *AlertTopic, ExistingTopic, AlarmActions and
// NoAlarmActions.
type AlarmTarget interface {
	// problem returns why the target cannot receive alarms, or "" if it can.
	problem() string
	addTo(alarm awscloudwatch.AlarmBase)
}

func checkTarget(target AlarmTarget, prop string, bad *problems) {
	if target == nil {
		bad.require(false, prop, "is missing; give an AlertTopic, ExistingTopic, AlarmActions or NoAlarmActions")
		return
	}
	problem := target.problem()
	bad.require(problem == "", prop, "%s", problem)
}

func (t *AlertTopic) problem() string {
	if t == nil {
		return "is a nil *AlertTopic; give the topic, or NoAlarmActions"
	}
	return ""
}

func (t *AlertTopic) addTo(alarm awscloudwatch.AlarmBase) { t.Notify(alarm) }

// ExistingTopic is an SNS topic that another stack or account owns. Its policy and
// the policy of its KMS key must let CloudWatch publish for the alarm's account.
// The AWS managed key alias/aws/sns does not let CloudWatch publish.
// docs/constructs/alert-topic.md has both policies.
type ExistingTopic struct {
	// Topic is the topic, such as awssns.Topic_FromTopicArn returns. It must be in
	// the alarm's Region, because CloudWatch notifies topics of its own Region
	// only. Required.
	Topic awssns.ITopic
}

func (t ExistingTopic) problem() string {
	switch {
	case t.Topic == nil:
		return "is an ExistingTopic without a Topic; give a topic, such as awssns.Topic_FromTopicArn returns"
	case *t.Topic.Fifo() || strings.HasSuffix(*t.Topic.TopicName(), ".fifo"):
		// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html, MessageGroupId
		return "is a FIFO topic, to which CloudWatch cannot publish; give a standard topic"
	}
	return ""
}

// addTo panics with a *PropsError if the topic is in another Region.
func (t ExistingTopic) addTo(alarm awscloudwatch.AlarmBase) {
	var bad problems
	here, there := regionOf(alarm), *t.Topic.Env().Region
	bad.require(here == "" || isToken(there) || here == there, "Target",
		"is a topic in %s and the alarm is in %s; CloudWatch notifies topics of its own Region only, so give a topic in %s", there, here, here)
	bad.panicIfAny("AlarmRoute", alarm, "")
	action := awscloudwatchactions.NewSnsAction(t.Topic)
	alarm.AddAlarmAction(action)
	alarm.AddOkAction(action)
}

// AlarmActions are any actions that CloudWatch supports, such as a Lambda function
// or an OpsItem of Systems Manager.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarms-and-actions
type AlarmActions struct {
	// Alarm holds the actions that CloudWatch takes when the alarm goes off. At
	// least one is required.
	Alarm []awscloudwatch.IAlarmAction
	// OK holds the actions that CloudWatch takes when the alarm returns to OK.
	// Default: none.
	OK []awscloudwatch.IAlarmAction
}

// maxAlarmActions is CloudWatch's limit of actions for each state.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
const maxAlarmActions = 5

func (a AlarmActions) problem() string {
	if len(a.Alarm) == 0 {
		return "are AlarmActions without Alarm; give at least one action, or NoAlarmActions"
	}
	if len(a.Alarm) > maxAlarmActions || len(a.OK) > maxAlarmActions {
		return fmt.Sprintf("are %d actions for ALARM and %d for OK; CloudWatch allows %d each", len(a.Alarm), len(a.OK), maxAlarmActions)
	}
	for _, action := range append(append([]awscloudwatch.IAlarmAction{}, a.Alarm...), a.OK...) {
		if action == nil {
			return "has an action that is nil; give the action itself"
		}
	}
	return ""
}

func (a AlarmActions) addTo(alarm awscloudwatch.AlarmBase) {
	alarm.AddAlarmAction(a.Alarm...)
	alarm.AddOkAction(a.OK...)
}

// NoAlarmActions makes alarms without actions, as for an environment without
// on-call duty. Dashboards still show the alarms' state, and deployments can still
// roll back on it. Policy packs that require alarm actions need an acceptance.
type NoAlarmActions struct{}

func (NoAlarmActions) problem() string { return "" }

func (NoAlarmActions) addTo(awscloudwatch.AlarmBase) {}
