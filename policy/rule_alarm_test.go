package policy_test

import (
	"testing"

	"github.com/expenzez/infrastructure/policy"
)

// watched returns a template with one function and an alarm with these properties.
func watched(alarm string) string {
	return `{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "orders"}},
		"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": ` + alarm + `}},
		"Outputs": {"Name": {"Value": {"Ref": "F"}, "Export": {"Name": "the-function"}}}}`
}

func onErrors(functionName string) string {
	return `{"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": [{"Name": "FunctionName", "Value": ` + functionName + `}]}`
}

func TestFunctionAlarm_AlarmOnErrors_CoversFunction(t *testing.T) {
	const unwatched = `{"Namespace": "AWS/SQS"}`
	cases := map[string]struct {
		templates []string
		covered   bool
	}{
		"no alarm":                  {[]string{watched(unwatched)}, false},
		"its own":                   {[]string{watched(onErrors(`{"Ref": "F"}`))}, true},
		"its own by name":           {[]string{watched(onErrors(`"orders"`))}, true},
		"another function's":        {[]string{watched(onErrors(`"others"`))}, false},
		"another metric":            {[]string{watched(`{"Namespace": "AWS/Lambda", "MetricName": "Duration", "Dimensions": [{"Name": "FunctionName", "Value": "orders"}]}`)}, false},
		"in an expression":          {[]string{watched(`{"Metrics": [{"Expression": "e/i"}, {"MetricStat": {"Metric": ` + onErrors(`{"Ref": "F"}`) + `}}]}`)}, true},
		"the fleet's":               {[]string{watched(`{"Metrics": [{"Expression": "SELECT SUM(Errors) FROM SCHEMA(\"AWS/Lambda\", FunctionName) GROUP BY FunctionName"}]}`)}, true},
		"a part of the fleet's":     {[]string{watched(`{"Metrics": [{"Expression": "SELECT SUM(Errors) FROM SCHEMA(\"AWS/Lambda\", FunctionName) WHERE FunctionName = 'x'"}]}`)}, false},
		"the fleet's throttles":     {[]string{watched(`{"Metrics": [{"Expression": "SELECT SUM(Throttles) FROM SCHEMA(\"AWS/Lambda\", FunctionName)"}]}`)}, false},
		"the account's":             {[]string{watched(`{"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum"}`)}, true},
		"the account's throttles":   {[]string{watched(`{"Namespace": "AWS/Lambda", "MetricName": "Throttles", "Statistic": "Sum"}`)}, false},
		"in another stack":          {[]string{watched(unwatched), `{"Resources": {"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": ` + onErrors(`{"Fn::ImportValue": "the-function"}`) + `}}}`}, true},
		"in another, weakly":        {[]string{watched(unwatched), `{"Resources": {"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": ` + onErrors(`{"Fn::GetStackOutput": {"StackName": "stack-1", "OutputName": "Name"}}`) + `}}}`}, true},
		"of the same id in another": {[]string{watched(unwatched), `{"Resources": {"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": ` + onErrors(`{"Ref": "F"}`) + `}}}`}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := found(t, written(t, "", c.templates...), policy.FunctionAlarm, policy.Props{})
			if covered := got == nil; covered != c.covered {
				t.Errorf("found %q", got)
			}
		})
	}
}
