package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewCountAlarms() {
	stack := newStack()
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "shop-prod-alerts"})
	alarms := constructs.NewCountAlarms(stack, "SecurityAlarms", &constructs.CountAlarmsProps{
		Name:      "shop-prod-security",
		Route:     constructs.AlarmRoute{Target: alerts, RunbookURL: "https://example.com/runbooks/security"},
		Namespace: "Shop",
		Counts: []constructs.Count{
			{Name: "refused-sign-ins", Metric: "signInRefused", Levels: constructs.AlarmLevels{Warning: 50, Critical: 500}, Description: "sign-ins were refused"},
			{Name: "lost-events", Metric: "eventLost", Description: "events could not be written"},
		},
	})
	fmt.Println(len(alarms.Alarms(constructs.Warning)), len(alarms.Alarms(constructs.Critical)))
	// Output: 2 1
}

func countAlarms(counts ...constructs.Count) map[string]any {
	return build(func(stack awscdk.Stack) {
		constructs.NewCountAlarms(stack, "Alarms", &constructs.CountAlarmsProps{
			Name: "security", Route: alarmRoute(stack), Namespace: "Shop", Dimensions: map[string]string{"service": "backend"}, Counts: counts,
		})
	})
}

func TestCountAlarms_SumOfFiveMinutes_IsComparedWithThreshold(t *testing.T) {
	template := countAlarms(constructs.Count{
		Name: "refused-sign-ins", Metric: "signInRefused", Levels: constructs.AlarmLevels{Warning: 50, Critical: 500}, Description: "sign-ins were refused",
	})
	wantAlarms(t, template, "security-refused-sign-ins-warning", "security-refused-sign-ins-critical")
	a := alarm(t, template, "security-refused-sign-ins-critical")
	equal(t, "threshold", at(a, "Threshold"), `500`)
	equal(t, "comparison", at(a, "ComparisonOperator"), `"GreaterThanThreshold"`)
	equal(t, "namespace", at(a, "Namespace"), `"Shop"`)
	equal(t, "metric", at(a, "MetricName"), `"signInRefused"`)
	equal(t, "dimensions", at(a, "Dimensions"), `[{"Name": "service", "Value": "backend"}]`)
	equal(t, "statistic", at(a, "Statistic"), `"Sum"`)
	equal(t, "period", at(a, "Period"), `300`)
	equal(t, "periods", at(a, "EvaluationPeriods"), `1`)
	equal(t, "missing data", at(a, "TreatMissingData"), `"notBreaching"`)
	equal(t, "description", at(a, "AlarmDescription"),
		`"security: in five minutes, more than 500 sign-ins were refused. Runbook: https://example.com/runbook#refused-sign-ins"`)
}

func TestCountAlarms_NoLevels_WarnsOfOne(t *testing.T) {
	template := countAlarms(constructs.Count{Name: "lost-events", Metric: "eventLost", Description: "events could not be written"})
	wantAlarms(t, template, "security-lost-events-warning")
	equal(t, "threshold", at(alarm(t, template, "security-lost-events-warning"), "Threshold"), `0`)
}

func TestCountAlarms_WrongProps_AreRefused(t *testing.T) {
	stack := newStack()
	refused(t, func() { constructs.NewCountAlarms(stack, "none", nil) }, "Name", "Route.Target", "Route.RunbookURL", "Namespace", "Counts")
	refused(t, func() {
		constructs.NewCountAlarms(stack, "counts", &constructs.CountAlarmsProps{
			Name: "security", Route: alarmRoute(stack), Namespace: "Shop",
			Counts: []constructs.Count{
				{Name: "a", Metric: "m", Description: "s"},
				{Name: "a", Levels: constructs.AlarmLevels{Warning: 5, Critical: 4}},
				{Name: "not a name", Metric: "m", Description: "s"},
			},
		})
	}, "Counts[1].Name", "Counts[1].Metric", "Counts[1].Description", "Counts[2].Name", "Counts[1].Levels")
}
