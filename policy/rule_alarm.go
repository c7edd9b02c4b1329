package policy

import (
	"regexp"
)

var functionAlarm = Rule{
	ID:    FunctionAlarm,
	Title: "Every Lambda function is covered by an alarm on its errors, its own or the fleet's",
	Why:   "A function that fails in silence is found by its users.",
	Fix:   "add an alarm on AWS/Lambda Errors for the function, or one over all with a Metrics Insights query.",
	check: func(i *inspection) {
		fleets, functions := map[string]bool{}, map[[2]string]bool{}
		for _, s := range i.stacks {
			for _, r := range s.ofType("AWS::CloudWatch::Alarm") {
				if watchesFleet(r) {
					fleets[s.environment] = true
				}
				for _, name := range watchedFunctions(r) {
					home, id := i.follow(s, name)
					functions[[2]string{home.path, id}] = true
				}
			}
		}
		for _, s := range i.stacks {
			for id, r := range s.ofType(functionType) {
				name, _ := r.Properties["FunctionName"].(string)
				named := name != "" && functions[[2]string{"", name}]
				if !fleets[s.environment] && !functions[[2]string{s.path, id}] && !named {
					i.report(s, id, "no alarm watches the function's errors")
				}
			}
		}
	},
}

// A query over all functions has no WHERE: one that has leaves some out.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
var (
	fleetQuery = regexp.MustCompile(`(?i)^\s*SELECT\s+\w+\("?Errors"?\)\s+FROM\s+(SCHEMA\(\s*)?"AWS/Lambda"`)
	restricted = regexp.MustCompile(`(?i)\bWHERE\b`)
)

func watchesFleet(alarm resource) bool {
	for _, metric := range list(alarm.Properties["Metrics"]) {
		query, _ := at(metric, "Expression").(string)
		if fleetQuery.MatchString(query) && !restricted.MatchString(query) {
			return true
		}
	}
	return false
}

// watchedFunctions returns the names of the functions whose errors an alarm
// watches, as the template writes them.
func watchedFunctions(alarm resource) []any {
	metrics := []any{alarm.Properties}
	for _, metric := range list(alarm.Properties["Metrics"]) {
		stat := at(metric, "MetricStat", "Metric")
		metrics = append(metrics, stat)
	}
	var names []any
	for _, metric := range metrics {
		if at(metric, "Namespace") != "AWS/Lambda" || at(metric, "MetricName") != "Errors" {
			continue
		}
		for _, dimension := range list(at(metric, "Dimensions")) {
			if at(dimension, "Name") == "FunctionName" {
				names = append(names, at(dimension, "Value"))
			}
		}
	}
	return names
}

// follow finds the stack and the logical id that a value refers to, through the
// outputs of other stacks. A literal is itself, in no stack.
func (i *inspection) follow(s *stack, value any) (*stack, string) {
	if literal, ok := value.(string); ok {
		return &stack{}, literal
	}
	if id := reference(value); id != "" {
		return s, id
	}
	export := at(value, "Fn::ImportValue")
	name, output := at(value, "Fn::GetStackOutput", "StackName"), at(value, "Fn::GetStackOutput", "OutputName")
	for _, other := range i.stacks {
		outputs, _ := other.template["Outputs"].(map[string]any)
		for id, o := range outputs {
			exported := export != nil && at(o, "Export", "Name") == export
			weak := output == id && name == other.name
			if exported || weak {
				return other, reference(at(o, "Value"))
			}
		}
	}
	return &stack{}, ""
}
