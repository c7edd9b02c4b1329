package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewFunctionMonitoring() {
	stack := newStack()
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "shop-prod-alerts"})
	imported := awslambda.Function_FromFunctionName(stack, jsii.String("Imported"), jsii.String("shop-prod-orders"))
	monitoring := constructs.NewFunctionMonitoring(stack, "Monitoring", &constructs.FunctionMonitoringProps{
		Function: imported,
		Name:     "shop-prod-orders",
		Timeout:  30 * time.Second,
		Alarms: constructs.FunctionAlarms{
			Route:           constructs.AlarmRoute{Target: alerts, RunbookURL: "https://example.com/runbooks/functions"},
			ErrorPercent:    constructs.AlarmLevels{Warning: 1, Critical: 5},
			DurationPercent: constructs.AlarmLevels{Warning: constructs.Off},
		},
	})
	fmt.Println(len(monitoring.Alarms(constructs.Warning)), len(monitoring.Alarms(constructs.Critical)))
	// Output: 1 2
}

const runbook = "https://example.com/runbook"

func alarmRoute(stack awscdk.Stack) constructs.AlarmRoute {
	return constructs.AlarmRoute{
		Target:     constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "alerts"}),
		RunbookURL: runbook,
	}
}

// monitoring watches an imported function with a timeout of 20 seconds.
func monitoring(alarms constructs.FunctionAlarms) map[string]any {
	return build(func(stack awscdk.Stack) {
		alarms.Route = alarmRoute(stack)
		constructs.NewFunctionMonitoring(stack, "Monitoring", &constructs.FunctionMonitoringProps{
			Function: awslambda.Function_FromFunctionName(stack, jsii.String("F"), jsii.String("orders")),
			Name:     "orders", Timeout: 20 * time.Second, Alarms: alarms,
		})
	})
}

// alarmNames lists the alarms of a template, in order of severity.
func alarmNames(template map[string]any) map[string]bool {
	names := map[string]bool{}
	for _, alarm := range all(template, "AWS::CloudWatch::Alarm") {
		names[at(alarm, "Properties", "AlarmName").(string)] = true
	}
	return names
}

func alarm(t *testing.T, template map[string]any, name string) any {
	t.Helper()
	for _, a := range all(template, "AWS::CloudWatch::Alarm") {
		if at(a, "Properties", "AlarmName") == name {
			return a["Properties"]
		}
	}
	t.Fatalf("there is no alarm %q among %v", name, alarmNames(template))
	return nil
}

func wantAlarms(t *testing.T, template map[string]any, want ...string) {
	t.Helper()
	got := alarmNames(template)
	for _, name := range want {
		if !got[name] {
			t.Errorf("there is no alarm %q", name)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("there are unexpected alarms: %v", got)
	}
}

func TestFunctionMonitoring_Defaults_WatchErrorsDurationAndThrottles(t *testing.T) {
	wantAlarms(t, monitoring(constructs.FunctionAlarms{}),
		"orders-error-rate-critical", "orders-duration-warning", "orders-throttles-critical")
}

func TestFunctionMonitoring_ErrorRate_AlarmsAboveFivePercent(t *testing.T) {
	a := alarm(t, monitoring(constructs.FunctionAlarms{}), "orders-error-rate-critical")
	equal(t, "threshold", at(a, "Threshold"), `5`)
	equal(t, "operator", at(a, "ComparisonOperator"), `"GreaterThanThreshold"`)
	equal(t, "periods", at(a, "EvaluationPeriods"), `2`)
	equal(t, "missing data", at(a, "TreatMissingData"), `"notBreaching"`)
	equal(t, "rate", at(a, "Metrics", 0), `{"Expression": "100 * errors / invocations", "Id": "expr_1", "Label": "Errors in %", "ReturnData": true}`)
	for i, metric := range []string{"errors", "invocations"} {
		m := at(a, "Metrics", i+1)
		equal(t, "id", at(m, "Id"), fmt.Sprintf("%q", metric))
		equal(t, metric, at(m, "MetricStat"), fmt.Sprintf(`{"Period": 300, "Stat": "Sum", "Metric": {"Namespace": "AWS/Lambda",
			"MetricName": %q, "Dimensions": [{"Name": "FunctionName", "Value": "orders"}]}}`, strings.ToUpper(metric[:1])+metric[1:]))
	}
}

func TestFunctionMonitoring_Duration_ComparesP99WithTimeout(t *testing.T) {
	a := alarm(t, monitoring(constructs.FunctionAlarms{}), "orders-duration-warning")
	equal(t, "threshold", at(a, "Threshold"), `16000`)
	equal(t, "statistic", at(a, "ExtendedStatistic"), `"p99"`)
	equal(t, "metric", at(a, "MetricName"), `"Duration"`)
	equal(t, "periods", at(a, "EvaluationPeriods"), `2`)
}

func TestFunctionMonitoring_Throttles_AlarmsOnFirst(t *testing.T) {
	a := alarm(t, monitoring(constructs.FunctionAlarms{}), "orders-throttles-critical")
	equal(t, "threshold", at(a, "Threshold"), `0`)
	equal(t, "metric", at(a, "MetricName"), `"Throttles"`)
	equal(t, "statistic", at(a, "Statistic"), `"Sum"`)
	equal(t, "periods", at(a, "EvaluationPeriods"), `1`)
}

func TestFunctionMonitoring_Concurrency_ComparesWithLimit(t *testing.T) {
	template := monitoring(constructs.FunctionAlarms{
		ConcurrencyLimit: 50, ConcurrencyPercent: constructs.AlarmLevels{Warning: 60, Critical: 90},
	})
	warning, critical := alarm(t, template, "orders-concurrency-warning"), alarm(t, template, "orders-concurrency-critical")
	equal(t, "warning", at(warning, "Threshold"), `30`)
	equal(t, "critical", at(critical, "Threshold"), `45`)
	equal(t, "metric", at(critical, "MetricName"), `"ConcurrentExecutions"`)
	equal(t, "statistic", at(critical, "Statistic"), `"Maximum"`)
}

func TestFunctionMonitoring_Asynchronous_WatchesFailedEventsAndDeliveries(t *testing.T) {
	template := monitoring(constructs.FunctionAlarms{Asynchronous: true})
	failed := alarm(t, template, "orders-failed-events-warning")
	equal(t, "failed", at(failed, "MetricName"), `"AsyncEventsDropped"`)
	equal(t, "threshold", at(failed, "Threshold"), `0`)
	lost := alarm(t, template, "orders-lost-events-critical")
	equal(t, "lost", at(lost, "Metrics", 0, "Expression"), `"FILL(queue, 0) + FILL(destination, 0)"`)
	equal(t, "destination", at(lost, "Metrics", 1, "MetricStat", "Metric", "MetricName"), `"DestinationDeliveryFailures"`)
	equal(t, "queue", at(lost, "Metrics", 2, "MetricStat", "Metric", "MetricName"), `"DeadLetterErrors"`)
}

func TestFunctionMonitoring_Stream_WatchesIteratorAge(t *testing.T) {
	a := alarm(t, monitoring(constructs.FunctionAlarms{Stream: true}), "orders-iterator-age-warning")
	equal(t, "metric", at(a, "MetricName"), `"IteratorAge"`)
	equal(t, "threshold", at(a, "Threshold"), `300000`)
}

func TestAlarm_Description_HasCauseAndRunbook(t *testing.T) {
	template := monitoring(constructs.FunctionAlarms{
		ErrorPercent: constructs.AlarmLevels{Warning: 0.5, Runbook: "https://example.com/errors"},
	})
	equal(t, "own runbook", at(alarm(t, template, "orders-error-rate-warning"), "AlarmDescription"),
		`"orders: more than 0.5 % of invocations fail, for ten minutes. Runbook: https://example.com/errors"`)
	equal(t, "runbook by anchor", at(alarm(t, template, "orders-duration-warning"), "AlarmDescription"),
		`"orders: one invocation in a hundred takes more than 80 % of the timeout of 20s, for ten minutes. Runbook: https://example.com/runbook#duration"`)
}

func TestAlarm_Tag_HasSeverity(t *testing.T) {
	template := monitoring(constructs.FunctionAlarms{})
	equal(t, "tags", at(alarm(t, template, "orders-duration-warning"), "Tags"), `[{"Key": "severity", "Value": "warning"}]`)
	equal(t, "tags", at(alarm(t, template, "orders-throttles-critical"), "Tags"), `[{"Key": "severity", "Value": "critical"}]`)
}

func TestAlarmRoute_WarningTarget_ReceivesWarnings(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		route := alarmRoute(stack)
		route.WarningTarget = constructs.NewAlertTopic(stack, "Quiet", &constructs.AlertTopicProps{Name: "quiet"})
		constructs.NewFunctionMonitoring(stack, "Monitoring", &constructs.FunctionMonitoringProps{
			Function: awslambda.Function_FromFunctionName(stack, jsii.String("F"), jsii.String("orders")),
			Name:     "orders", Timeout: time.Second, Alarms: constructs.FunctionAlarms{Route: route},
		})
	})
	for name, want := range map[string]string{"orders-duration-warning": "quiet", "orders-throttles-critical": "alerts"} {
		for _, action := range []string{"AlarmActions", "OKActions"} {
			topic, _ := at(alarm(t, template, name), action, 0, "Ref").(string)
			if got := at(template, "Resources", topic, "Properties", "TopicName"); got != want {
				t.Errorf("%s of %s go to %v, want %s", action, name, got, want)
			}
		}
	}
}

func TestAlarm_LevelOff_IsNotMade(t *testing.T) {
	off := constructs.AlarmLevels{Warning: constructs.Off, Critical: constructs.Off}
	wantAlarms(t, monitoring(constructs.FunctionAlarms{ErrorPercent: off, Throttles: off}), "orders-duration-warning")
}

func TestWidgets_ShowTimeoutWithDuration(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		m := constructs.NewFunctionMonitoring(stack, "Monitoring", &constructs.FunctionMonitoringProps{
			Function: awslambda.Function_FromFunctionName(stack, jsii.String("F"), jsii.String("orders")),
			Name:     "orders", Timeout: 20 * time.Second, Alarms: constructs.FunctionAlarms{Route: alarmRoute(stack)},
		})
		awscloudwatch.NewDashboard(stack, jsii.String("Board"), nil).AddWidgets(m.Widgets()...)
	})
	widgets := dashboard(t, only(t, template, "AWS::CloudWatch::Dashboard"))
	if titles := titlesOf(widgets); fmt.Sprint(titles) != "[Invocations Duration Concurrency]" {
		t.Errorf("the widgets are %v", titles)
	}
	equal(t, "timeout", at(widgets, 1, "properties", "annotations", "horizontal", 0, "value"), `20000`)
	equal(t, "width", at(widgets, 2, "width"), `8`)
}

func TestFunctionMonitoring_InvalidProps_AreRefused(t *testing.T) {
	stack := newStack()
	route := alarmRoute(stack)
	function := awslambda.Function_FromFunctionName(stack, jsii.String("F"), jsii.String("orders"))
	type props = constructs.FunctionMonitoringProps
	levels := func(warning, critical constructs.Threshold) constructs.AlarmLevels {
		return constructs.AlarmLevels{Warning: warning, Critical: critical}
	}
	cases := map[string]struct {
		spoil func(p *props)
		wrong []string
	}{
		"no function":          {func(p *props) { p.Function = nil }, []string{"Function"}},
		"no name":              {func(p *props) { p.Name = "" }, []string{"Name"}},
		"no timeout":           {func(p *props) { p.Timeout = 0 }, []string{"Timeout"}},
		"timeout too long":     {func(p *props) { p.Timeout = 16 * time.Minute }, []string{"Timeout"}},
		"no topic":             {func(p *props) { p.Alarms.Route.Target = nil }, []string{"Alarms.Route.Target"}},
		"no runbook":           {func(p *props) { p.Alarms.Route.RunbookURL = "" }, []string{"Alarms.Route.RunbookURL"}},
		"runbook without TLS":  {func(p *props) { p.Alarms.Route.RunbookURL = "http://example.com" }, []string{"Alarms.Route.RunbookURL"}},
		"own runbook a path":   {func(p *props) { p.Alarms.Throttles.Runbook = "/throttles" }, []string{"Alarms.Throttles.Runbook"}},
		"negative threshold":   {func(p *props) { p.Alarms.ErrorPercent = levels(constructs.Off, -5) }, []string{"Alarms.ErrorPercent.Critical"}},
		"negative warning":     {func(p *props) { p.Alarms.Throttles = levels(-2, 5) }, []string{"Alarms.Throttles.Warning"}},
		"all invocations fail": {func(p *props) { p.Alarms.ErrorPercent = levels(0, 100) }, []string{"Alarms.ErrorPercent.Critical"}},
		"the whole timeout":    {func(p *props) { p.Alarms.DurationPercent = levels(100, 0) }, []string{"Alarms.DurationPercent.Warning"}},
		"warns too late":       {func(p *props) { p.Alarms.ErrorPercent = levels(6, 5) }, []string{"Alarms.ErrorPercent"}},
		"negative limit":       {func(p *props) { p.Alarms.ConcurrencyLimit = -1 }, []string{"Alarms.ConcurrencyLimit"}},
		"percent of no limit":  {func(p *props) { p.Alarms.ConcurrencyPercent = levels(50, 0) }, []string{"Alarms.ConcurrencyPercent"}},
		"more than the limit": {func(p *props) { p.Alarms.ConcurrencyLimit, p.Alarms.ConcurrencyPercent = 5, levels(101, 0) },
			[]string{"Alarms.ConcurrencyPercent.Warning"}},
		"failed, synchronous": {func(p *props) { p.Alarms.FailedEvents = levels(1, 0) }, []string{"Alarms.FailedEvents"}},
		"lost, synchronous":   {func(p *props) { p.Alarms.DeliveryFailures = levels(0, 1) }, []string{"Alarms.DeliveryFailures"}},
		"lag without stream":  {func(p *props) { p.Alarms.IteratorAgeSeconds = levels(60, 0) }, []string{"Alarms.IteratorAgeSeconds"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := props{Function: function, Name: "orders", Timeout: time.Second, Alarms: constructs.FunctionAlarms{Route: route}}
			c.spoil(&p)
			refused(t, func() { constructs.NewFunctionMonitoring(stack, name, &p) }, c.wrong...)
		})
	}
	refused(t, func() { constructs.NewFunctionMonitoring(stack, "none", nil) },
		"Function", "Name", "Timeout", "Alarms.Route.Target", "Alarms.Route.RunbookURL")
}
