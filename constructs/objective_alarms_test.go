package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewObjectiveAlarms() {
	stack := newStack()
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), nil)
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "shop-prod-alerts"})
	alarms := constructs.NewObjectiveAlarms(stack, "Objectives", &constructs.ObjectiveAlarmsProps{
		Name:  "shop-prod-api",
		Route: constructs.AlarmRoute{Target: alerts, RunbookURL: "https://example.com/runbooks/api"},
		Objectives: []constructs.Objective{
			{Name: "availability", Percent: 99.9, ErrorRatio: constructs.ApiErrorRatio(api, 20)},
			{Name: "speed", Percent: 99, ErrorRatio: constructs.ApiSlowRatio(api, time.Second)},
		},
	})
	fmt.Println(len(alarms.Alarms(constructs.Critical)), len(alarms.Alarms(constructs.Warning)))
	// Output: 2 2
}

func objectives(objectives ...constructs.Objective) map[string]any {
	return build(func(stack awscdk.Stack) {
		constructs.NewObjectiveAlarms(stack, "Objectives", &constructs.ObjectiveAlarmsProps{Name: "api", Route: alarmRoute(stack), Objectives: objectives})
	})
}

// burning returns the alarms over the windows of an objective's severity.
func burning(t *testing.T, template map[string]any, name string) (long, short any) {
	t.Helper()
	return alarm(t, template, name+"-long"), alarm(t, template, name+"-short")
}

func TestObjectiveAlarms_Availability_BurnsOverTwoWindows(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		constructs.NewObjectiveAlarms(stack, "Objectives", &constructs.ObjectiveAlarmsProps{Name: "api", Route: alarmRoute(stack), Objectives: []constructs.Objective{
			{Name: "availability", Percent: 99.9, ErrorRatio: constructs.ApiErrorRatio(httpApi(stack, "Api", "api"), 20)},
		}})
	})
	for name, want := range map[string]struct{ threshold, long, short string }{
		"api-availability-critical": {"1.44", "3600", "300"},
		"api-availability-warning":  {"0.6", "21600", "1800"},
	} {
		long, short := burning(t, template, name)
		for window, alarm := range map[string]any{want.long: long, want.short: short} {
			if got := fmt.Sprintf("%.4g", at(alarm, "Threshold")); got != want.threshold {
				t.Errorf("%s is above %s %%, want %s", name, got, want.threshold)
			}
			metrics := fmt.Sprint(at(alarm, "Metrics"))
			if !strings.Contains(metrics, "Period:"+window) || !strings.Contains(metrics, "IF(requests >= 20, 100 * errors / requests, 0)") {
				t.Errorf("%s is on %s", name, metrics)
			}
			equal(t, "actions of a window", at(alarm, "AlarmActions"), `null`)
		}
	}
}

func TestObjectiveAlarms_Alarm_NeedsBothWindowsAndNotifies(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		constructs.NewObjectiveAlarms(stack, "Objectives", &constructs.ObjectiveAlarmsProps{Name: "api", Route: alarmRoute(stack), Objectives: []constructs.Objective{
			{Name: "speed", Percent: 99, ErrorRatio: constructs.ApiSlowRatio(httpApi(stack, "Api", "api"), 1500*time.Millisecond)},
		}})
	})
	composite := all(template, "AWS::CloudWatch::CompositeAlarm")
	if len(composite) != 2 {
		t.Fatalf("there are %d alarms, want one for each severity", len(composite))
	}
	for _, alarm := range composite {
		if rule := fmt.Sprint(at(alarm, "Properties", "AlarmRule")); strings.Count(rule, "ALARM(") != 2 || !strings.Contains(rule, " AND ") {
			t.Errorf("the rule is %s", rule)
		}
		if at(alarm, "Properties", "AlarmActions", 0) == nil || at(alarm, "Properties", "OKActions", 0) == nil {
			t.Errorf("%v notifies no target", at(alarm, "Properties", "AlarmName"))
		}
		if description := fmt.Sprint(at(alarm, "Properties", "AlarmDescription")); !strings.HasSuffix(description, "https://example.com/runbook#speed") {
			t.Errorf("the description is %s", description)
		}
	}
	long, _ := burning(t, template, "api-speed-critical")
	equal(t, "statistic", at(long, "ExtendedStatistic"), `"PR(1500:)"`)
}

func TestObjectiveAlarms_WrongProps_AreRefused(t *testing.T) {
	refused(t, func() { constructs.NewObjectiveAlarms(newStack(), "None", nil) }, "Name", "Route.Target", "Route.RunbookURL", "Objectives")
	refused(t, func() { objectives(constructs.Objective{Name: "a b", Percent: 100}) }, "Objectives[0].Name", "Objectives[0].Percent", "Objectives[0].ErrorRatio")
}
