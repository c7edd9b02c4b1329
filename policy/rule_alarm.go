package policy

import (
	"regexp"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

var functionAlarm = Rule{
	ID:    FunctionAlarm,
	Title: "Every Lambda function is covered by an alarm on its errors, its own or the fleet's",
	Why:   "Without an alarm, users notice the failure before the operators do.",
	Fix:   "add an alarm on AWS/Lambda Errors for the function, or one over all functions, with a Metrics Insights query or without a dimension.",
	check: func(i *inspection) {
		watched := i.watched()
		for _, s := range i.Stacks {
			for id, r := range s.OfType(functionType) {
				name := assembly.Text(s.Parts(r.Properties["FunctionName"]))
				if !watched.fleets[s.Environment] && !watched.functions[placeOf(s, id)] && !watched.names[[2]string{s.Environment, name}] {
					i.report(s, id, "no alarm watches the function's errors")
				}
			}
		}
	},
}

// watchedFunctions are the functions whose errors have an alarm. An alarm watches
// functions of its own account and region only.
type watchedFunctions struct {
	fleets    map[string]bool    // environments whose functions are all watched
	functions map[place]bool     // functions of the app
	names     map[[2]string]bool // environments and names of functions
}

// place is a resource of a stack.
type place struct {
	environment string
	stack       *assembly.Stack
	id          string
}

func placeOf(s *assembly.Stack, id string) place { return place{s.Environment, s, id} }

func (i *inspection) watched() watchedFunctions {
	w := watchedFunctions{map[string]bool{}, map[place]bool{}, map[[2]string]bool{}}
	for _, s := range i.Stacks {
		for _, r := range s.OfType("AWS::CloudWatch::Alarm") {
			if watchesFleet(r) {
				w.fleets[s.Environment] = true
			}
			for _, name := range functionNames(r) {
				parts := s.Parts(name)
				w.names[[2]string{s.Environment, assembly.Text(parts)}] = true
				for _, part := range parts {
					w.functions[place{s.Environment, part.Stack, part.ID}] = true
				}
			}
		}
	}
	return w
}

// fleetQuery and whereClause recognise a query over all functions, which has no WHERE.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
var (
	fleetQuery  = regexp.MustCompile(`(?i)^\s*SELECT\s+\w+\("?Errors"?\)\s+FROM\s+(SCHEMA\(\s*)?"AWS/Lambda"`)
	whereClause = regexp.MustCompile(`(?i)\bWHERE\b`)
)

// watchesFleet reports whether an alarm is on the errors of all functions: on the metric
// without a dimension, which counts them together, or on a query.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
func watchesFleet(alarm assembly.Resource) bool {
	if isErrors(alarm.Properties) && len(list(alarm.Properties["Dimensions"])) == 0 {
		return true
	}
	for _, metric := range list(alarm.Properties["Metrics"]) {
		query, _ := at(metric, "Expression").(string)
		if fleetQuery.MatchString(query) && !whereClause.MatchString(query) {
			return true
		}
	}
	return false
}

// functionNames returns the names of the functions whose errors an alarm
// watches, as the template writes them.
func functionNames(alarm assembly.Resource) []any {
	metrics := []any{alarm.Properties}
	for _, metric := range list(alarm.Properties["Metrics"]) {
		stat := at(metric, "MetricStat", "Metric")
		metrics = append(metrics, stat)
	}
	var names []any
	for _, metric := range metrics {
		if !isErrors(metric) {
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

func isErrors(metric any) bool {
	return at(metric, "Namespace") == "AWS/Lambda" && at(metric, "MetricName") == "Errors"
}
