package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewEmailReputation() {
	stack := newStack()
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "shop-prod-alerts"})
	reputation := constructs.NewEmailReputation(stack, "EmailReputation", &constructs.EmailReputationProps{
		Name:  "shop-prod-mail",
		Route: constructs.AlarmRoute{Target: alerts, RunbookURL: "https://example.com/runbooks/emails"},
	})
	fmt.Println(len(reputation.Alarms(constructs.Warning)), len(reputation.Alarms(constructs.Critical)))
	// Output: 2 2
}

func emailReputation(props constructs.EmailReputationProps) map[string]any {
	return build(func(stack awscdk.Stack) {
		props.Name, props.Route = "mail", alarmRoute(stack)
		constructs.NewEmailReputation(stack, "EmailReputation", &props)
	})
}

func TestEmailReputation_Defaults_AlarmBeforeSESActs(t *testing.T) {
	template := emailReputation(constructs.EmailReputationProps{})
	for name, c := range map[string]struct {
		threshold, metric string
		acts              float64 // when SES reviews the account
	}{
		"mail-bounce-rate-warning":     {"0.02", "Reputation.BounceRate", 0.05},
		"mail-bounce-rate-critical":    {"0.04", "Reputation.BounceRate", 0.05},
		"mail-complaint-rate-warning":  {"0.0004", "Reputation.ComplaintRate", 0.001},
		"mail-complaint-rate-critical": {"0.0008", "Reputation.ComplaintRate", 0.001},
	} {
		a := alarm(t, template, name)
		equal(t, "threshold", at(a, "Threshold"), c.threshold)
		if threshold, _ := at(a, "Threshold").(float64); threshold >= c.acts {
			t.Errorf("%s: SES acts at %v, before the alarm", name, c.acts)
		}
		equal(t, "namespace", at(a, "Namespace"), `"AWS/SES"`)
		equal(t, "metric", at(a, "MetricName"), fmt.Sprintf("%q", c.metric))
		equal(t, "statistic", at(a, "Statistic"), `"Average"`)
		equal(t, "period", at(a, "Period"), `3600`)
		equal(t, "comparison", at(a, "ComparisonOperator"), `"GreaterThanThreshold"`)
	}
	equal(t, "description", at(alarm(t, template, "mail-complaint-rate-warning"), "AlarmDescription"),
		`"mail: more than 0.04 % of e-mails are called spam; SES stops sending at 0.5 %. Runbook: https://example.com/runbook#complaint-rate"`)
}

func TestEmailReputation_GivenLevels_AreUsed(t *testing.T) {
	template := emailReputation(constructs.EmailReputationProps{
		BouncePercent:    constructs.AlarmLevels{Warning: constructs.Off, Critical: 3},
		ComplaintPercent: constructs.AlarmLevels{Warning: constructs.Off, Critical: constructs.Off},
	})
	wantAlarms(t, template, "mail-bounce-rate-critical")
	equal(t, "threshold", at(alarm(t, template, "mail-bounce-rate-critical"), "Threshold"), `0.03`)
}

func TestEmailReputation_InvalidProps_AreRefused(t *testing.T) {
	stack := newStack()
	refused(t, func() { constructs.NewEmailReputation(stack, "none", nil) }, "Name", "Route.Target", "Route.RunbookURL")
	refused(t, func() {
		constructs.NewEmailReputation(stack, "late", &constructs.EmailReputationProps{
			Name: "mail", Route: alarmRoute(stack),
			BouncePercent:    constructs.AlarmLevels{Critical: 100},
			ComplaintPercent: constructs.AlarmLevels{Warning: 0.3, Critical: 0.2},
		})
	}, "BouncePercent.Critical", "ComplaintPercent")
}
