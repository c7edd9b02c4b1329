package e2e_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/errorreports"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/local"
)

// unknownRoute is the route in reports of invocations that are no event of the function.
const unknownRoute = "unknown"

// invokeWithForeignEvent invokes the function with an event that is not one of its own.
// The function refuses it without a reason and reports it.
func invokeWithForeignEvent(t *testing.T, f *function.Function) {
	t.Helper()
	client := lambda.NewFromConfig(stage.AWSConfig(local.Region))
	out, err := client.Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String(physicalName(t, f.Name)), Qualifier: aws.String("live"), Payload: []byte(`"no event of yours"`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if out.FunctionError == nil || strings.Contains(string(out.Payload), "yours") {
		t.Errorf("%s answered %s", f.Name, out.Payload)
	}
}

// reportsAtSentry returns the events that Sentry has.
func reportsAtSentry(t *testing.T) (events []json.RawMessage) {
	t.Helper()
	response, err := httpClient.Get(stage.FakesURL() + "/-/sentry/events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&events); err != nil {
		t.Fatal(err)
	}
	return events
}

// isReported reports whether Sentry has a failure of the function at this route.
func isReported(t *testing.T, f *function.Function, route string) bool {
	t.Helper()
	return slices.ContainsFunc(reportsAtSentry(t), func(event json.RawMessage) bool {
		var about struct{ Tags map[string]string }
		return json.Unmarshal(event, &about) == nil && about.Tags["function"] == f.Name && about.Tags["route"] == route
	})
}

// sentryOutage has functions fail while Sentry is down. Their reports wait, and arrive
// when Sentry is back. Hours of it have a virtual clock, in the reporter's own tests.
func sentryOutage(t *testing.T) {
	failing := []*function.Function{goals.List, notifications.Feed}
	callFakes(t, "PUT", "/-/faults/sentry?fault=500", nil, nil)
	defer callFakes(t, "PUT", "/-/faults/sentry?fault=", nil, nil)
	for _, f := range failing {
		invokeWithForeignEvent(t, f)
	}
	eventually(t, "Sentry refused a report", func() bool {
		lines, err := stage.Logs(t.Context(), errorreports.Reporter.Name)
		return err == nil && slices.ContainsFunc(lines, func(line local.LogLine) bool { return strings.Contains(line.Message, "sentry: answered 500") })
	})
	for _, f := range failing {
		if isReported(t, f, unknownRoute) {
			t.Errorf("a report of %s arrived while Sentry was down", f.Name)
		}
	}
	callFakes(t, "PUT", "/-/faults/sentry?fault=", nil, nil)
	for _, f := range failing {
		eventually(t, "the report of "+f.Name+" arrives", func() bool { return isReported(t, f, unknownRoute) })
	}
}

// foreignEvents invokes every function with an event of another kind.
func foreignEvents(t *testing.T) {
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			invokeWithForeignEvent(t, f)
		}
	}
}

// whatIsReported checks that each function's failures reach Sentry but the reporter's
// own, that no report is left behind, and that none has personal data.
func whatIsReported(t *testing.T) {
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			if f == errorreports.Reporter {
				continue
			}
			eventually(t, "the report of "+f.Name+" arrives", func() bool { return isReported(t, f, unknownRoute) })
		}
	}
	if isReported(t, errorreports.Reporter, unknownRoute) {
		t.Error("the reporter reported its own failure")
	}
	name := physicalName(t, function.ErrorReports.Name)
	if dead := queueNamed(t, name+"-dead-letters").has(t); dead != 0 {
		t.Errorf("%d reports are dead letters", dead)
	}
	for _, event := range reportsAtSentry(t) {
		if datum := personalIn(string(event)); datum != "" {
			t.Errorf("a report holds %q: %s", datum, event)
		}
	}
}
