package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewHttpApiMonitoring() {
	stack := newStack()
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "shop-prod-alerts"})
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{CreateDefaultStage: jsii.Bool(false)})
	monitoring := constructs.NewHttpApiMonitoring(stack, "ApiMonitoring", &constructs.HttpApiMonitoringProps{
		Api:   api,
		Name:  "shop-prod-api",
		Route: constructs.AlarmRoute{Target: alerts, RunbookURL: "https://example.com/runbooks/api"},
	})
	fmt.Println(len(monitoring.Alarms(constructs.Warning)), len(monitoring.Alarms(constructs.Critical)))
	// Output: 1 1
}

func monitoredAPI(props constructs.HttpApiMonitoringProps) map[string]any {
	return build(func(stack awscdk.Stack) {
		props.Name, props.Route = "api", alarmRoute(stack)
		props.Api = awsapigatewayv2.HttpApi_FromHttpApiAttributes(stack, jsii.String("Api"), &awsapigatewayv2.HttpApiAttributes{HttpApiId: jsii.String("a1b2")})
		constructs.NewHttpApiMonitoring(stack, "ApiMonitoring", &props)
	})
}

func TestHttpApiMonitoring_ErrorRate_AlarmsAboveFivePercent(t *testing.T) {
	template := monitoredAPI(constructs.HttpApiMonitoringProps{})
	wantAlarms(t, template, "api-error-rate-critical", "api-latency-warning")
	a := alarm(t, template, "api-error-rate-critical")
	equal(t, "threshold", at(a, "Threshold"), `5`)
	equal(t, "periods", at(a, "EvaluationPeriods"), `2`)
	equal(t, "rate", at(a, "Metrics", 0, "Expression"), `"IF(requests >= 20, 100 * errors / requests, 0)"`)
	for i, metric := range []string{"5xx", "Count"} {
		equal(t, metric, at(a, "Metrics", i+1, "MetricStat"), fmt.Sprintf(`{"Period": 300, "Stat": "Sum", "Metric": {"Namespace": "AWS/ApiGateway",
			"MetricName": %q, "Dimensions": [{"Name": "ApiId", "Value": "a1b2"}]}}`, metric))
	}
	equal(t, "description", at(a, "AlarmDescription"),
		`"api: more than 5 % of 20 or more requests are answered 5xx, for ten minutes. Runbook: https://example.com/runbook#error-rate"`)
}

func TestHttpApiMonitoring_Latency_WatchesP99(t *testing.T) {
	a := alarm(t, monitoredAPI(constructs.HttpApiMonitoringProps{}), "api-latency-warning")
	equal(t, "threshold", at(a, "Threshold"), `3000`)
	equal(t, "periods", at(a, "EvaluationPeriods"), `2`)
	equal(t, "metric", at(a, "MetricName"), `"Latency"`)
	equal(t, "statistic", at(a, "ExtendedStatistic"), `"p99"`)
	equal(t, "dimensions", at(a, "Dimensions"), `[{"Name": "ApiId", "Value": "a1b2"}]`)
}

func TestHttpApiMonitoring_GivenLevels_AreUsed(t *testing.T) {
	template := monitoredAPI(constructs.HttpApiMonitoringProps{
		ErrorPercent:        constructs.AlarmLevels{Warning: 1},
		LatencyMilliseconds: constructs.AlarmLevels{Warning: constructs.Off, Critical: 800},
		MinimumRequests:     300,
	})
	equal(t, "rate", at(alarm(t, template, "api-error-rate-critical"), "Metrics", 0, "Expression"), `"IF(requests >= 300, 100 * errors / requests, 0)"`)
	wantAlarms(t, template, "api-error-rate-warning", "api-error-rate-critical", "api-latency-critical")
	equal(t, "threshold", at(alarm(t, template, "api-latency-critical"), "Threshold"), `800`)
}

func TestHttpApiMonitoring_InvalidProps_AreRefused(t *testing.T) {
	stack := newStack()
	refused(t, func() { constructs.NewHttpApiMonitoring(stack, "none", nil) }, "Api", "Name", "Route.Target", "Route.RunbookURL")
	refused(t, func() {
		constructs.NewHttpApiMonitoring(stack, "levels", &constructs.HttpApiMonitoringProps{
			Api: bareAPI(stack), Name: "api", Route: alarmRoute(stack),
			ErrorPercent:        constructs.AlarmLevels{Critical: 100},
			LatencyMilliseconds: constructs.AlarmLevels{Warning: 500, Critical: 500},
		})
	}, "ErrorPercent.Critical", "LatencyMilliseconds")
}
