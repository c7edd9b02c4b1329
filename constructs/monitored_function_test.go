package constructs_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewMonitoredFunction() {
	stack := newStack()
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "shop-prod-alerts"})
	function := constructs.NewMonitoredFunction(stack, "SignIn", &constructs.MonitoredFunctionProps{
		Function: constructs.LeastPrivilegeFunctionProps{
			Name: "shop-prod-sign-in",
			Code: constructs.GoBundle{Package: "./testdata/hello", OutputDir: os.TempDir()},
		},
		Alarms: constructs.FunctionAlarms{
			Route: constructs.AlarmRoute{Target: alerts, RunbookURL: "https://example.com/runbooks/functions"},
		},
	})
	fmt.Println(len(function.Alarms(constructs.Warning)), len(function.Alarms(constructs.Critical)), len(function.Widgets()))
	// Output: 1 2 3
}

func monitored(t *testing.T, props constructs.LeastPrivilegeFunctionProps) map[string]any {
	props.Name, props.Code = "orders", bootstrap(t)
	return build(func(stack awscdk.Stack) {
		constructs.NewMonitoredFunction(stack, "Orders", &constructs.MonitoredFunctionProps{
			Function: props, Alarms: constructs.FunctionAlarms{Route: alarmRoute(stack)},
		})
	})
}

func TestMonitoredFunction_KeepsLogicalIDs(t *testing.T) {
	watched := monitored(t, constructs.LeastPrivilegeFunctionProps{})
	alone := build(func(stack awscdk.Stack) {
		constructs.NewLeastPrivilegeFunction(stack, "Orders", &constructs.LeastPrivilegeFunctionProps{Name: "orders", Code: bootstrap(t)})
	})
	for id := range alone["Resources"].(map[string]any) {
		equal(t, id, at(watched, "Resources", id, "Type"), fmt.Sprintf("%q", at(alone, "Resources", id, "Type")))
	}
}

func TestMonitoredFunction_Alarms_UseFunctionsTimeoutAndConcurrency(t *testing.T) {
	template := monitored(t, constructs.LeastPrivilegeFunctionProps{Timeout: 5 * time.Second, ReservedConcurrency: 10})
	wantAlarms(t, template, "orders-error-rate-critical", "orders-duration-warning", "orders-throttles-critical", "orders-concurrency-warning")
	equal(t, "duration", at(alarm(t, template, "orders-duration-warning"), "Threshold"), `4000`)
	equal(t, "concurrency", at(alarm(t, template, "orders-concurrency-warning"), "Threshold"), `8`)
}

func TestMonitoredFunction_Async_WatchesFailedEvents(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		route := alarmRoute(stack)
		constructs.NewMonitoredFunction(stack, "Orders", &constructs.MonitoredFunctionProps{
			Function: constructs.LeastPrivilegeFunctionProps{
				Name: "orders", Code: bootstrap(t), Async: &constructs.AsyncInvocation{OnFailure: constructs.FailuresToTopic(route.Target.(*constructs.AlertTopic).Topic)},
			},
			Alarms: constructs.FunctionAlarms{Route: route},
		})
	})
	wantAlarms(t, template, "orders-error-rate-critical", "orders-duration-warning", "orders-throttles-critical",
		"orders-failed-events-warning", "orders-lost-events-critical")
}

func TestMonitoredFunction_WithoutTimeout_UsesDefault(t *testing.T) {
	template := monitored(t, constructs.LeastPrivilegeFunctionProps{})
	equal(t, "duration", at(alarm(t, template, "orders-duration-warning"), "Threshold"), `8000`)
}

func TestMonitoredFunction_CanBeScope(t *testing.T) {
	stack := newStack()
	f := constructs.NewMonitoredFunction(stack, "Orders", &constructs.MonitoredFunctionProps{
		Function: constructs.LeastPrivilegeFunctionProps{Name: "orders", Code: bootstrap(t)},
		Alarms:   constructs.FunctionAlarms{Route: alarmRoute(stack)},
	})
	key := constructs.NewDataKey(f, "Key", &constructs.DataKeyProps{
		Alias: "orders", Services: []constructs.KeyService{constructs.KeyServiceLogs},
	})
	if path := *key.Node().Path(); path != "Test/Orders/Key" {
		t.Errorf("the path is %s", path)
	}
}

func TestMonitoredFunction_InvalidProps_AreRefused(t *testing.T) {
	stack := newStack()
	refused(t, func() {
		constructs.NewMonitoredFunction(stack, "F", &constructs.MonitoredFunctionProps{
			Function: constructs.LeastPrivilegeFunctionProps{Name: "orders"},
			Alarms:   constructs.FunctionAlarms{Route: alarmRoute(stack), ErrorPercent: constructs.AlarmLevels{Critical: 200}},
		})
	}, "Function.Code", "Alarms.ErrorPercent.Critical")
	refused(t, func() { constructs.NewMonitoredFunction(stack, "none", nil) },
		"Function.Name", "Function.Code", "Alarms.Route.Target", "Alarms.Route.RunbookURL")
}
