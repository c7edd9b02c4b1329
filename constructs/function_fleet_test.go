package constructs_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewFunctionFleet() {
	stack := newStack()
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "shop-prod-alerts"})
	fleet := constructs.NewFunctionFleet(stack, "Fleet", &constructs.FunctionFleetProps{
		Name:                "shop-prod",
		Route:               constructs.AlarmRoute{Target: alerts, RunbookURL: "https://example.com/runbooks/fleet"},
		OtherTimeouts:       map[string]time.Duration{"shop-prod-export": 5 * time.Minute},
		BackgroundFunctions: []string{"shop-prod-export"},
		Domains: []constructs.FleetDomain{
			{Name: "auth", Functions: []string{"shop-prod-sign-in", "shop-prod-sign-up"}},
		},
		Tables: []string{"shop-prod-users"},
	})
	fmt.Println(len(fleet.Alarms(constructs.Warning)), len(fleet.Alarms(constructs.Critical)))
	// Output: 3 2
}

func fleet(props constructs.FunctionFleetProps) map[string]any {
	props.Name = "shop"
	return build(func(stack awscdk.Stack) {
		props.Route = alarmRoute(stack)
		constructs.NewFunctionFleet(stack, "Fleet", &props)
	})
}

// dashboard returns the widgets of a dashboard. References in its body are
// written as *.
func dashboard(t *testing.T, resource any) []any {
	t.Helper()
	body := at(resource, "Properties", "DashboardBody")
	text, _ := body.(string)
	if parts, ok := at(body, "Fn::Join", 1).([]any); ok {
		for _, part := range parts {
			if s, ok := part.(string); ok {
				text += s
			} else {
				text += "*"
			}
		}
	}
	var decoded struct{ Widgets []any }
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		t.Fatalf("the dashboard's body %q: %v", text, err)
	}
	return decoded.Widgets
}

func titlesOf(widgets []any) []string {
	var titles []string
	for _, w := range widgets {
		title, _ := at(w, "properties", "title").(string)
		markdown, _ := at(w, "properties", "markdown").(string)
		titles = append(titles, title+markdown)
	}
	return titles
}

func widget(t *testing.T, template map[string]any, board, title string) any {
	t.Helper()
	for _, d := range all(template, "AWS::CloudWatch::Dashboard") {
		if at(d, "Properties", "DashboardName") == board {
			for _, w := range dashboard(t, d) {
				if at(w, "properties", "title") == title {
					return w
				}
			}
		}
	}
	t.Fatalf("there is no widget %q in a dashboard %q", title, board)
	return nil
}

func TestFunctionFleet_Defaults_HasOneAlarmOfEachKind(t *testing.T) {
	wantAlarms(t, fleet(constructs.FunctionFleetProps{}), "shop-errors-critical", "shop-throttles-critical", "shop-duration-warning")
}

func TestFunctionFleet_Alarm_CoversEachFunction(t *testing.T) {
	template := fleet(constructs.FunctionFleetProps{})
	for name, query := range map[string]string{
		"shop-errors-critical":    `SELECT SUM(Errors) FROM SCHEMA("AWS/Lambda", FunctionName) GROUP BY FunctionName ORDER BY SUM() DESC`,
		"shop-throttles-critical": `SELECT SUM(Throttles) FROM SCHEMA("AWS/Lambda", FunctionName) GROUP BY FunctionName ORDER BY SUM() DESC`,
		"shop-duration-warning":   `SELECT MAX(Duration) FROM SCHEMA("AWS/Lambda", FunctionName) GROUP BY FunctionName ORDER BY MAX() DESC`,
	} {
		a := alarm(t, template, name)
		equal(t, name, at(a, "Metrics"), fmt.Sprintf(`[{"Expression": %q, "Id": "expr_1", "Period": 300, "ReturnData": true}]`, query))
		equal(t, "missing data", at(a, "TreatMissingData"), `"notBreaching"`)
		if at(a, "AlarmActions", 0) == nil || at(a, "OKActions", 0) == nil {
			t.Errorf("%s has no alarm action", name)
		}
	}
}

func TestFunctionFleet_WholeAccount_CountsFunctionsTogether(t *testing.T) {
	template := fleet(constructs.FunctionFleetProps{AlarmScope: constructs.WholeAccount, OtherTimeouts: map[string]time.Duration{"export": 5 * time.Minute}})
	wantAlarms(t, template, "shop-errors-critical", "shop-throttles-critical", "shop-duration-export-warning")
	for name, metric := range map[string]string{"shop-errors-critical": `"Errors"`, "shop-throttles-critical": `"Throttles"`} {
		a := alarm(t, template, name)
		equal(t, name+" metric", at(a, "MetricName"), metric)
		equal(t, name+" measures", []any{at(a, "Namespace"), at(a, "Statistic"), at(a, "Dimensions"), at(a, "Metrics")}, `["AWS/Lambda", "Sum", null, null]`)
	}
	stack := newStack()
	refused(t, func() {
		constructs.NewFunctionFleet(stack, "f", &constructs.FunctionFleetProps{Name: "shop", Route: alarmRoute(stack),
			AlarmScope: constructs.WholeAccount, ExcludedFunctions: []string{"a"}})
	}, "ExcludedFunctions")
	stack = newStack()
	refused(t, func() {
		constructs.NewFunctionFleet(stack, "f", &constructs.FunctionFleetProps{Name: "shop", Route: alarmRoute(stack), AlarmScope: "stage"})
	}, "AlarmScope")
}

func TestFunctionFleet_Thresholds_AreForOneFunction(t *testing.T) {
	template := fleet(constructs.FunctionFleetProps{Timeout: 20 * time.Second, Errors: constructs.AlarmLevels{Warning: 3}})
	for name, want := range map[string][2]string{
		"shop-errors-warning":     {`3`, `2`},
		"shop-errors-critical":    {`10`, `2`},
		"shop-throttles-critical": {`0`, `1`},
		"shop-duration-warning":   {`16000`, `2`},
	} {
		equal(t, name+" threshold", at(alarm(t, template, name), "Threshold"), want[0])
		equal(t, name+" periods", at(alarm(t, template, name), "EvaluationPeriods"), want[1])
	}
}

func TestFunctionFleet_Schedule_AlarmsOnMissingRuns(t *testing.T) {
	template := fleet(constructs.FunctionFleetProps{
		Schedules:      map[string]time.Duration{"hourly": time.Hour, "often": time.Minute},
		ScheduleGroups: map[string]time.Duration{"weekdays": 73 * time.Hour},
	})
	for name, period := range map[string]string{"hourly": `3600`, "often": `300`, "weekdays": `262800`} {
		a := alarm(t, template, "shop-missed-runs-"+name+"-warning")
		metric := `["AWS/Events", "Invocations", "Sum", [{"Name": "RuleName", "Value": "` + name + `"}]]`
		if name == "weekdays" {
			metric = `["AWS/Scheduler", "InvocationAttemptCount", "Sum", [{"Name": "ScheduleGroup", "Value": "weekdays"}]]`
		}
		equal(t, "metric", []any{at(a, "Namespace"), at(a, "MetricName"), at(a, "Statistic"), at(a, "Dimensions")}, metric)
		equal(t, "condition", []any{at(a, "ComparisonOperator"), at(a, "Threshold"), at(a, "TreatMissingData")}, `["LessThanOrEqualToThreshold", 0, "breaching"]`)
		equal(t, "period", at(a, "Period"), period)
		equal(t, "periods", at(a, "EvaluationPeriods"), `2`)
	}
	equal(t, "description", at(alarm(t, template, "shop-missed-runs-hourly-warning"), "AlarmDescription"),
		`"shop: the schedule hourly invoked nothing for 2h0m0s. Runbook: https://example.com/runbook#missed-runs"`)
	for _, period := range []time.Duration{30 * time.Second, 85 * time.Hour} {
		stack := newStack()
		refused(t, func() {
			constructs.NewFunctionFleet(stack, "f", &constructs.FunctionFleetProps{Name: "shop", Route: alarmRoute(stack), Schedules: map[string]time.Duration{"r": period}, ScheduleGroups: map[string]time.Duration{"g": period}})
		}, `Schedules["r"]`, `ScheduleGroups["g"]`)
	}
}

func TestFunctionFleet_ExcludedFunctions_AreNotWatched(t *testing.T) {
	template := fleet(constructs.FunctionFleetProps{ExcludedFunctions: []string{"a", "b"}})
	for _, name := range []string{"shop-errors-critical", "shop-throttles-critical", "shop-duration-warning"} {
		query := at(alarm(t, template, name), "Metrics", 0, "Expression").(string)
		if !strings.Contains(query, ` WHERE FunctionName != 'a' AND FunctionName != 'b' GROUP BY `) {
			t.Errorf("%s asks %s", name, query)
		}
	}
}

func TestFunctionFleet_OtherTimeout_HasItsOwnAlarm(t *testing.T) {
	template := fleet(constructs.FunctionFleetProps{OtherTimeouts: map[string]time.Duration{"export": 5 * time.Minute}})
	own := alarm(t, template, "shop-duration-export-warning")
	equal(t, "threshold", at(own, "Threshold"), `240000`)
	equal(t, "dimensions", at(own, "Dimensions"), `[{"Name": "FunctionName", "Value": "export"}]`)
	equal(t, "statistic", at(own, "Statistic"), `"Maximum"`)
	equal(t, "description", at(own, "AlarmDescription"),
		`"shop: export takes more than 80 % of its timeout of 5m0s, for ten minutes. Runbook: https://example.com/runbook#duration"`)
	excluded := func(name string) bool {
		return strings.Contains(at(alarm(t, template, name), "Metrics", 0, "Expression").(string), "FunctionName != 'export'")
	}
	if !excluded("shop-duration-warning") || excluded("shop-errors-critical") {
		t.Error("the function has to be left out of the fleet's question about durations, and of no other")
	}
}

func TestFunctionFleet_BackgroundFunction_AlarmsOnFirstError(t *testing.T) {
	template := fleet(constructs.FunctionFleetProps{BackgroundFunctions: []string{"sweep", "export"}})
	wantAlarms(t, template, "shop-errors-critical", "shop-throttles-critical", "shop-duration-warning",
		"shop-failed-runs-sweep-warning", "shop-failed-runs-export-warning")
	own := alarm(t, template, "shop-failed-runs-sweep-warning")
	equal(t, "metric", at(own, "MetricName"), `"Errors"`)
	equal(t, "statistic", at(own, "Statistic"), `"Sum"`)
	equal(t, "dimensions", at(own, "Dimensions"), `[{"Name": "FunctionName", "Value": "sweep"}]`)
	equal(t, "threshold", at(own, "Threshold"), `0`)
	equal(t, "periods", at(own, "EvaluationPeriods"), `1`)
	equal(t, "description", at(own, "AlarmDescription"),
		`"shop: more than 0 runs of sweep failed within five minutes, and nobody waits for its answer. Runbook: https://example.com/runbook#failed-runs"`)
}

func TestLambdaDashboard_ShowsAccountTopTenAndDomains(t *testing.T) {
	template := fleet(constructs.FunctionFleetProps{
		ExcludedFunctions: []string{"x"},
		Domains:           []constructs.FleetDomain{{Name: "auth", Functions: []string{"sign-in", "sign-up"}}},
	})
	board := only(t, template, "AWS::CloudWatch::Dashboard")
	equal(t, "name", at(board, "Properties", "DashboardName"), `"shop-lambda-performance"`)
	got := strings.Join(titlesOf(dashboard(t, board)), "|")
	want := "# Lambda Performance|Alarms|Invocations|Errors|Duration|Most invocations|Most errors|Longest duration|" +
		"## auth|Invocations: auth|Errors: auth|Duration, p99: auth"
	if got != want {
		t.Errorf("the widgets are\n%s\nwant\n%s", got, want)
	}
	equal(t, "account", at(widget(t, template, "shop-lambda-performance", "Errors"), "properties", "metrics"),
		`[["AWS/Lambda", "Errors", {"stat": "Sum"}]]`)
	equal(t, "top ten", at(widget(t, template, "shop-lambda-performance", "Most errors"), "properties", "metrics"), `[[{
		"label": "${PROP('Dim.FunctionName')}",
		"expression": "SELECT SUM(Errors) FROM SCHEMA(\"AWS/Lambda\", FunctionName) WHERE FunctionName != 'x' GROUP BY FunctionName ORDER BY SUM() DESC LIMIT 10"}]]`)
	equal(t, "domain", at(widget(t, template, "shop-lambda-performance", "Duration, p99: auth"), "properties", "metrics"), `[
		["AWS/Lambda", "Duration", "FunctionName", "sign-in", {"label": "sign-in", "stat": "p99"}],
		["AWS/Lambda", "Duration", "FunctionName", "sign-up", {"label": "sign-up", "stat": "p99"}]]`)
}

func TestLambdaDashboard_ShowsEveryAlarm(t *testing.T) {
	alarms := at(widget(t, fleet(constructs.FunctionFleetProps{}), "shop-lambda-performance", "Alarms"), "properties", "alarms").([]any)
	if len(alarms) != 3 {
		t.Errorf("the widget shows %d alarms, want 3", len(alarms))
	}
}

func TestFunctionFleet_WithoutAlarms_HasDashboard(t *testing.T) {
	off := constructs.AlarmLevels{Warning: constructs.Off, Critical: constructs.Off}
	template := fleet(constructs.FunctionFleetProps{Errors: off, Throttles: off, DurationPercent: off})
	wantAlarms(t, template)
	if n := len(dashboard(t, only(t, template, "AWS::CloudWatch::Dashboard"))); n != 7 {
		t.Errorf("the dashboard has %d widgets, want 7", n)
	}
}

func TestTableDashboard_ShowsErrorsAndCapacity(t *testing.T) {
	template := fleet(constructs.FunctionFleetProps{Tables: []string{"users"}})
	const board = "shop-dynamodb-metrics"
	equal(t, "user errors", at(widget(t, template, board, "UserErrors"), "properties", "metrics"),
		`[["AWS/DynamoDB", "UserErrors", {"stat": "Sum"}]]`)
	equal(t, "system errors", at(widget(t, template, board, "SystemErrors"), "properties", "metrics"), `[[{"label": "users",
		"expression": "SUM(SEARCH('{AWS/DynamoDB,Operation,TableName} MetricName=\"SystemErrors\" TableName=\"users\"', 'Sum', 300))"}]]`)
	for _, metric := range []string{"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"} {
		equal(t, metric, at(widget(t, template, board, metric), "properties", "metrics"),
			fmt.Sprintf(`[["AWS/DynamoDB", %q, "TableName", "users", {"label": "users", "stat": "Sum"}]]`, metric))
	}
}

func TestFunctionFleet_InvalidProps_AreRefused(t *testing.T) {
	stack := newStack()
	route := alarmRoute(stack)
	type props = constructs.FunctionFleetProps
	many := map[string]time.Duration{}
	var names []string
	for i := range 101 {
		name := fmt.Sprintf("function-%03d", i)
		many[name], names = time.Minute, append(names, name)
	}
	cases := map[string]struct {
		spoil func(p *props)
		wrong []string
	}{
		"no name":                 {func(p *props) { p.Name = "" }, []string{"Name"}},
		"no topic":                {func(p *props) { p.Route.Target = nil }, []string{"Route.Target"}},
		"no runbook":              {func(p *props) { p.Route.RunbookURL = "" }, []string{"Route.RunbookURL"}},
		"excluded with a quote":   {func(p *props) { p.ExcludedFunctions = []string{"a'b"} }, []string{"ExcludedFunctions[0]"}},
		"excluded twice":          {func(p *props) { p.ExcludedFunctions = []string{"a", "a"} }, []string{"ExcludedFunctions[1]"}},
		"timeout too short":       {func(p *props) { p.Timeout = time.Millisecond }, []string{"Timeout"}},
		"other timeout too long":  {func(p *props) { p.OtherTimeouts = map[string]time.Duration{"a": time.Hour} }, []string{`OtherTimeouts["a"]`}},
		"other timeout of nobody": {func(p *props) { p.OtherTimeouts = map[string]time.Duration{"": time.Minute} }, []string{`OtherTimeouts[""]`}},
		"excluded and other": {func(p *props) {
			p.ExcludedFunctions, p.OtherTimeouts = []string{"a"}, map[string]time.Duration{"a": time.Minute}
		},
			[]string{`OtherTimeouts["a"]`}},
		"too many other timeouts": {func(p *props) { p.OtherTimeouts = many }, []string{"OtherTimeouts"}},
		"unattended with a slash": {func(p *props) { p.BackgroundFunctions = []string{"a/b"} }, []string{"BackgroundFunctions[0]"}},
		"unattended twice":        {func(p *props) { p.BackgroundFunctions = []string{"a", "a"} }, []string{"BackgroundFunctions[1]"}},
		"excluded and unattended": {func(p *props) { p.ExcludedFunctions, p.BackgroundFunctions = []string{"a"}, []string{"a"} }, []string{"BackgroundFunctions[0]"}},
		"failed runs of nobody":   {func(p *props) { p.BackgroundErrors.Warning = 2 }, []string{"BackgroundErrors"}},
		"failed runs below none": {func(p *props) { p.BackgroundFunctions, p.BackgroundErrors.Warning = []string{"a"}, -3 },
			[]string{"BackgroundErrors.Warning"}},
		"negative errors":     {func(p *props) { p.Errors.Critical = -3 }, []string{"Errors.Critical"}},
		"warns too late":      {func(p *props) { p.Throttles.Warning = 1 }, []string{"Throttles"}},
		"the whole timeout":   {func(p *props) { p.DurationPercent.Warning = 100 }, []string{"DurationPercent.Warning"}},
		"domain without name": {func(p *props) { p.Domains = []constructs.FleetDomain{{Functions: []string{"a"}}} }, []string{"Domains[0].Name"}},
		"domain of none":      {func(p *props) { p.Domains = []constructs.FleetDomain{{Name: "auth"}} }, []string{"Domains[0].Functions"}},
		"domain too large":    {func(p *props) { p.Domains = []constructs.FleetDomain{{Name: "auth", Functions: names}} }, []string{"Domains[0].Functions"}},
		"domain with an ARN": {func(p *props) {
			p.Domains = []constructs.FleetDomain{{Name: "auth", Functions: []string{"arn:aws:lambda"}}}
		},
			[]string{"Domains[0].Functions[0]"}},
		"table too short": {func(p *props) { p.Tables = []string{"ab"} }, []string{"Tables[0]"}},
		"table twice":     {func(p *props) { p.Tables = []string{"users", "users"} }, []string{"Tables[1]"}},
		"too many tables": {func(p *props) { p.Tables = names }, []string{"Tables"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := props{Name: "shop", Route: route}
			c.spoil(&p)
			refused(t, func() { constructs.NewFunctionFleet(stack, name, &p) }, c.wrong...)
		})
	}
	refused(t, func() { constructs.NewFunctionFleet(stack, "none", nil) }, "Name", "Route.Target", "Route.RunbookURL")
}
