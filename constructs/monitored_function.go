package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// MonitoredFunctionProps are the props of NewMonitoredFunction.
type MonitoredFunctionProps struct {
	// Function holds the props of the function. Required.
	Function LeastPrivilegeFunctionProps
	// Alarms are the alarms of the function and their route. Alarms.Route is
	// required.
	Alarms FunctionAlarms
}

// MonitoredFunction is a LeastPrivilegeFunction with its own FunctionMonitoring.
// The function's resources keep their logical ids, so adding monitoring to a
// deployed function replaces no resource. Use NewFunctionMonitoring for functions
// of other constructs.
type MonitoredFunction struct {
	constructs.Construct
	// Function is the function, with its alias, role and logs.
	Function *LeastPrivilegeFunction

	monitoring *FunctionMonitoring
}

// NewMonitoredFunction makes a MonitoredFunction. It panics with a *PropsError on
// invalid props and on code that does not build.
func NewMonitoredFunction(scope constructs.Construct, id string, props *MonitoredFunctionProps) *MonitoredFunction {
	p := props.withDefaults()
	p.validate().panicIfAny("MonitoredFunction", scope, id)

	f := &MonitoredFunction{}
	constructs.NewConstruct_Override(f, scope, jsii.String(id))
	f.Function = NewLeastPrivilegeFunction(f, "Default", &p.Function) // CDK leaves Default out of logical ids
	f.monitoring = newFunctionMonitoring(f, "Monitoring", FunctionMonitoringProps{
		Function: f.Function.Function,
		Name:     p.Function.Name,
		Timeout:  p.Function.Timeout,
		Alarms:   p.Alarms,
	})
	return f
}

// Alarms returns the alarms of a severity. Use them in composite alarms, or to roll
// back a deployment.
func (f *MonitoredFunction) Alarms(severity Severity) []awscloudwatch.Alarm {
	return f.monitoring.Alarms(severity)
}

// Widgets returns one row of a dashboard: invocations, durations and
// concurrency.
func (f *MonitoredFunction) Widgets() []awscloudwatch.IWidget {
	return f.monitoring.Widgets()
}

func (p *MonitoredFunctionProps) withDefaults() MonitoredFunctionProps {
	d := valueOrZero(p)
	d.Function = d.Function.withDefaults()
	d.Alarms.ConcurrencyLimit = orDefault(d.Alarms.ConcurrencyLimit, d.Function.ReservedConcurrency)
	d.Alarms.Asynchronous = d.Alarms.Asynchronous || d.Function.Async != nil
	return d
}

func (p *MonitoredFunctionProps) validate() problems {
	var bad problems
	bad.addWithPrefix("Function", p.Function.validate())
	p.Alarms.check(&bad)
	return bad
}
