package constructs

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// EventFilter is a pattern that a record of a stream or queue must match to reach
// the function, in the form of Lambda's filter rules. A record that matches none of
// the filters is dropped and costs no invocation: Lambda deletes it from a queue.
//
//	constructs.EventFilter{"dynamodb": map[string]any{"NewImage": map[string]any{
//		"status": map[string]any{"S": []string{"paid"}},
//	}}}
//
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
type EventFilter map[string]any

const (
	// The number of filters of one event source, and the characters of one filter.
	// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-basics
	maxEventFilters     = 5
	maxEventFilterChars = 4096
)

func checkEventFilters(filters []EventFilter, bad *problems) {
	bad.require(len(filters) <= maxEventFilters, "Filters", "are %d; Lambda allows %d", len(filters), maxEventFilters)
	for i, filter := range filters {
		at := fmt.Sprintf("Filters[%d]", i)
		pattern, err := json.Marshal(filter)
		bad.require(err == nil, at, "is no JSON: %v", err)
		bad.require(len(filter) > 0, at, "is empty, which matches every record; leave it out")
		bad.require(len(pattern) <= maxEventFilterChars, at, "has %d characters; Lambda allows %d", len(pattern), maxEventFilterChars)
	}
}

// filterCriteria returns the criteria of an event source mapping, or nil for no
// filters.
func filterCriteria(filters []EventFilter) any {
	if len(filters) == 0 {
		return nil
	}
	criteria := make([]any, len(filters))
	for i, filter := range filters {
		pattern, _ := json.Marshal(filter) // checked by checkEventFilters
		criteria[i] = &awslambda.CfnEventSourceMapping_FilterProperty{Pattern: jsii.String(string(pattern))}
	}
	return &awslambda.CfnEventSourceMapping_FilterCriteriaProperty{Filters: &criteria}
}
