package constructs

import (
	"github.com/aws/constructs-go/constructs/v10"
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
// own. Both have the id they would have alone, so that watching a function that
// exists replaces nothing. For a function made otherwise, see
// NewFunctionMonitoring.
type MonitoredFunction struct {
	*LeastPrivilegeFunction
	// Monitoring holds the alarms, and widgets for a dashboard.
	Monitoring *FunctionMonitoring
}

// NewMonitoredFunction makes a MonitoredFunction. It panics with a *PropsError
// on invalid props, which includes code that does not build.
func NewMonitoredFunction(scope constructs.Construct, id string, props *MonitoredFunctionProps) *MonitoredFunction {
	p := props.withDefaults()
	p.validate().panicIfAny("MonitoredFunction", scope, id)

	f := &MonitoredFunction{LeastPrivilegeFunction: NewLeastPrivilegeFunction(scope, id, &p.Function)}
	f.Monitoring = newFunctionMonitoring(f.LeastPrivilegeFunction, "Monitoring", FunctionMonitoringProps{
		Function: f.Function,
		Name:     p.Function.Name,
		Timeout:  p.Function.Timeout,
		Alarms:   p.Alarms,
	})
	return f
}

func (p *MonitoredFunctionProps) withDefaults() MonitoredFunctionProps {
	var d MonitoredFunctionProps
	if p != nil {
		d = *p
	}
	d.Function = d.Function.withDefaults()
	d.Alarms.ConcurrencyLimit = orDefault(d.Alarms.ConcurrencyLimit, d.Function.ReservedConcurrency)
	return d
}

func (p *MonitoredFunctionProps) validate() problems {
	var bad problems
	bad.addUnder("Function", p.Function.validate())
	p.Alarms.check(&bad)
	return bad
}
