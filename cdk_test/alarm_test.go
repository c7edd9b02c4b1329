package cdk_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/metrics"
)

func TestAlarms_NotifyTopicAndLinkRunbook(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		alarms := s.ofType("AWS::CloudWatch::Alarm")
		if len(alarms) < 5 {
			t.Errorf("there are %d alarms", len(alarms))
		}
		for id, alarm := range alarms {
			name, _ := alarm.Properties["AlarmName"].(string)
			isWindow := strings.HasSuffix(name, "-long") || strings.HasSuffix(name, "-short") // of an objective's alarm
			if (alarm.Properties["AlarmActions"] == nil) != isWindow {
				t.Errorf("%s notifies no topic", id)
			}
			description, _ := alarm.Properties["AlarmDescription"].(string)
			_, link, _ := strings.Cut(description, "/blob/main/")
			page, anchor, _ := strings.Cut(link, "#")
			runbook, err := os.ReadFile(filepath.Join(moduleDir, page))
			if err != nil || anchor == "" || !strings.Contains(string(runbook), "\n## "+anchor+"\n") {
				t.Errorf("%s has no runbook section: %s", id, description)
			}
		}
	})
}

// The free tier has three dashboards.
func TestDashboards_AreAtMostThree(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		if built := len(s.some(t, "AWS::CloudWatch::Dashboard")); built > 3 {
			t.Errorf("there are %d dashboards, of which three are free", built)
		}
	})
}

func TestObjectives_AvailabilityAndSpeed_BurnOverBothWindows(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, objective := range []string{"availability", "speed"} {
			for _, severity := range []string{"critical", "warning"} {
				name := s.config.PhysicalName("api") + "-" + objective + "-" + severity
				alarm := s.named(t, "AWS::CloudWatch::CompositeAlarm", "AlarmName", name).Properties
				if rule := text(alarm["AlarmRule"]); strings.Count(rule, "ALARM(") != 2 || !strings.Contains(rule, " AND ") {
					t.Errorf("%s has the rule %s", name, rule)
				}
				if !strings.Contains(text(alarm["AlarmActions"]), "AlertsTopic") {
					t.Errorf("%s notifies %s", name, text(alarm["AlarmActions"]))
				}
				for _, window := range []string{"-long", "-short"} {
					s.named(t, "AWS::CloudWatch::Alarm", "AlarmName", name+window)
				}
			}
		}
	})
}

// Lambda does not count a response with status 500 as an error.
func TestAPI_ServerErrors_RaiseAlarm(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		alarm := s.named(t, "AWS::CloudWatch::Alarm", "AlarmName", s.config.PhysicalName("api")+"-error-rate-critical").Properties
		if metrics := text(alarm["Metrics"]); !strings.Contains(metrics, `"MetricName":"5xx"`) || !strings.Contains(metrics, s.config.PhysicalName("api")) {
			t.Errorf("the alarm is on %s", metrics)
		}
	})
}

// One failure of ten requests at night is no outage.
func TestErrorRateAlarms_NeedMinimumOfTraffic(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		minimum, rates := fmt.Sprintf(" >= %d,", s.config.Alerts.MinimumRequests), 0
		for id, alarm := range s.some(t, "AWS::CloudWatch::Alarm") {
			metrics, _ := alarm.Properties["Metrics"].([]any)
			for _, metric := range metrics {
				expression, _ := metric.(map[string]any)["Expression"].(string)
				if !strings.Contains(expression, "100 * ") {
					continue
				}
				rates++
				if !strings.Contains(expression, minimum) {
					t.Errorf("%s is on %s", id, expression)
				}
			}
		}
		if rates == 0 {
			t.Error("there is no alarm on an error rate")
		}
	})
}

func TestSchedules_MissedRuns_RaiseAlarm(t *testing.T) {
	eachFunction(t, func(t *testing.T, s stage, f *function.Function, _ resource) {
		for _, event := range f.Events {
			if event.Every == 0 && event.Cron == nil {
				continue
			}
			name, period := s.config.PhysicalName(f.Name), event.Every
			metric := `["AWS/Events","Invocations",[{"Name":"RuleName","Value":"` + name + `"}],0,"LessThanOrEqualToThreshold","breaching"]`
			if event.Cron == nil {
				s.named(t, "AWS::Events::Rule", "Name", name)
			} else {
				s.named(t, "AWS::Scheduler::ScheduleGroup", "Name", name)
				period, _ = event.Cron.LongestGap()
				metric = `["AWS/Scheduler","InvocationAttemptCount",[{"Name":"ScheduleGroup","Value":"` + name + `"}],0,"LessThanOrEqualToThreshold","breaching"]`
			}
			alarm := s.named(t, "AWS::CloudWatch::Alarm", "AlarmName", s.config.PhysicalName("functions")+"-missed-runs-"+name+"-warning").Properties
			got := text([]any{alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"], alarm["Threshold"], alarm["ComparisonOperator"], alarm["TreatMissingData"]})
			if got != metric {
				t.Errorf("the alarm of %s is on %s", f.Name, got)
			}
			if alarm["EvaluationPeriods"] != 2.0 || alarm["Period"] != max(period, 5*time.Minute).Seconds() {
				t.Errorf("%s runs every %s, the alarm has %v periods of %v s", f.Name, period, alarm["EvaluationPeriods"], alarm["Period"])
			}
		}
	})
}

// The next run of a schedule or a rotation hides a failed run from the fleet's alarm on
// many failures.
func TestBackgroundFunction_OneFailedRun_RaisesAlarm(t *testing.T) {
	eachFunction(t, func(t *testing.T, s stage, f *function.Function, _ resource) {
		for _, event := range f.Events {
			if event.Key != function.ScheduleKey && event.Key != function.RotationKey {
				continue
			}
			name := s.config.PhysicalName(f.Name)
			alarm := s.named(t, "AWS::CloudWatch::Alarm", "AlarmName", s.config.PhysicalName("functions")+"-failed-runs-"+name+"-warning").Properties
			got := text([]any{alarm["MetricName"], alarm["Dimensions"], alarm["Threshold"], alarm["EvaluationPeriods"]})
			if got != `["Errors",[{"Name":"FunctionName","Value":"`+name+`"}],0,1]` {
				t.Errorf("the alarm of %s is on %s", f.Name, got)
			}
		}
	})
}

// TestAlarms_NotifyTopicAndLinkRunbook checks that each alarm has a section in a
// runbook.
func TestSecurityAlarms_EachMetric_HasAlarm(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		watched := map[string]bool{}
		for _, alarm := range s.ofType("AWS::CloudWatch::Alarm") {
			measured := text([]any{alarm.Properties["Namespace"], alarm.Properties["Dimensions"], alarm.Properties["Statistic"]})
			if measured == `["Expenzez",[{"Name":"service","Value":"backend"}],"Sum"]` {
				name, _ := alarm.Properties["MetricName"].(string)
				watched[name] = true
			}
		}
		for _, name := range []metrics.Name{
			metrics.Limited, metrics.FailedOpen, metrics.EventLost, metrics.SignInFailed, metrics.SignInLocked, metrics.CodeWrong, metrics.CodeLocked,
			metrics.PINWrong, metrics.PINLocked, metrics.Registered, metrics.AccountLinked, metrics.AccountDeleted, metrics.PasswordReset, metrics.EndedSessionUsed,
			metrics.AccountDisclosed, metrics.OriginRefused,
		} {
			if !watched[string(name)] {
				t.Errorf("no alarm is on %s", name)
			}
		}
	})
}
