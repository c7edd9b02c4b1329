package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// MonitoredFunctionProps are the props of NewMonitoredFunction.
type MonitoredFunctionProps struct {
	// Function is the function to make. Required.
	Function LeastPrivilegeFunctionProps
	// Alarms are the questions asked, and where the answers go. Its Route is
	// required.
	Alarms FunctionAlarms
}

// MonitoredFunction is a LeastPrivilegeFunction with a FunctionMonitoring of its
// own. The function's resources have the logical ids they have without it, so
// that watching a function that exists replaces nothing. For a function made
// otherwise, see NewFunctionMonitoring.
type MonitoredFunction struct {
	constructs.Construct
	// Function is the function, with its alias, role and logs.
	Function *LeastPrivilegeFunction

	monitoring *FunctionMonitoring
}

// NewMonitoredFunction makes a MonitoredFunction. It panics with a *PropsError
// on invalid props, which includes code that does not build.
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

// Alarms returns the alarms of a severity, for composite alarms, or for a
// deployment that rolls back.
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
