package constructs

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

var (
	fleetNamePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
	fleetTablePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)
)

const (
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
	maxQueryLength = 2048
	// maxGraphLines is more lines than a reader can tell apart. CloudWatch draws up
	// to 500.
	maxGraphLines = 100
)

func (p *FunctionFleetProps) validate() problems {
	var bad problems
	bad.require(fleetNamePattern.MatchString(p.Name), "Name", "is %q; use 1 to 100 letters, digits, and - _", p.Name)
	p.Route.check("Route", &bad)
	bad.require(p.AlarmScope == EachFunction || p.AlarmScope == WholeAccount, "AlarmScope", "is %q; use EachFunction or WholeAccount", p.AlarmScope)
	bad.require(p.AlarmScope == EachFunction || len(p.ExcludedFunctions) == 0, "ExcludedFunctions",
		"is set, but alarms of the scope WholeAccount count every function; use EachFunction")
	checkNames("ExcludedFunctions", p.ExcludedFunctions, functionNamePattern, "a function", &bad)
	checkFleetTimeout("Timeout", p.Timeout, &bad)
	for _, name := range slices.Sorted(maps.Keys(p.OtherTimeouts)) {
		at := fmt.Sprintf("OtherTimeouts[%q]", name)
		bad.require(functionNamePattern.MatchString(name), at, "is not the name of a function; use 1 to 64 letters, digits, and - _")
		bad.require(!slices.Contains(p.ExcludedFunctions, name), at, "is also among ExcludedFunctions; name the function once")
		checkFleetTimeout(at, p.OtherTimeouts[name], &bad)
	}
	n := len(fleetQuery("MAX", "Duration", p.notInFleetDuration()))
	bad.require(n <= maxQueryLength, "OtherTimeouts", "and ExcludedFunctions make a query of %d characters; CloudWatch allows %d: "+
		"give more functions the same timeout", n, maxQueryLength)
	checkNames("BackgroundFunctions", p.BackgroundFunctions, functionNamePattern, "a function", &bad)
	for i, name := range p.BackgroundFunctions {
		bad.require(!slices.Contains(p.ExcludedFunctions, name), fmt.Sprintf("BackgroundFunctions[%d]", i), "%q is also among ExcludedFunctions; name the function once", name)
	}
	bad.require(len(p.BackgroundFunctions) > 0 || p.BackgroundErrors == AlarmLevels{}, "BackgroundErrors", "is set but not watched; set BackgroundFunctions too")
	checkSchedules("Schedules", "a rule", p.Schedules, &bad)
	checkSchedules("ScheduleGroups", "a schedule group", p.ScheduleGroups, &bad)
	for group := range p.ScheduleGroups {
		_, twice := p.Schedules[group]
		bad.require(!twice, fmt.Sprintf("ScheduleGroups[%q]", group), "is also among Schedules; alarms need different names")
	}
	for _, spec := range append(p.fleetAlarmSpecs(), p.backgroundErrorSpec("")) {
		spec.check(&bad)
	}
	p.checkDashboards(&bad)
	for i, domain := range p.Domains {
		at := fmt.Sprintf("Domains[%d]", i)
		bad.require(domain.Name != "", at+".Name", "is empty")
		bad.require(len(domain.Functions) > 0 && len(domain.Functions) <= maxGraphLines, at+".Functions",
			"has %d names; use 1 to %d", len(domain.Functions), maxGraphLines)
		checkNames(at+".Functions", domain.Functions, functionNamePattern, "a function", &bad)
	}
	bad.require(len(p.Tables) <= maxGraphLines, "Tables", "has %d names; use at most %d", len(p.Tables), maxGraphLines)
	checkNames("Tables", p.Tables, fleetTablePattern, "a table", &bad)
	return bad
}

func checkSchedules(prop, what string, periods map[string]time.Duration, bad *problems) {
	for _, name := range slices.Sorted(maps.Keys(periods)) {
		at, period := fmt.Sprintf("%s[%q]", prop, name), periods[name]
		bad.require(functionNamePattern.MatchString(name), at, "is not the name of %s; use 1 to 64 letters, digits, and - _", what)
		// CloudWatch evaluates an alarm over seven days at most.
		bad.require(period >= time.Minute && period <= 84*time.Hour && period%time.Minute == 0, at, "is %s; use whole minutes, 1m to 84h", period)
	}
}

// checkDashboards checks the size of LambdaPerformance. Each domain takes a heading
// and three graphs with a line for each function. The account takes ten more
// widgets and metrics.
func (p *FunctionFleetProps) checkDashboards(bad *problems) {
	widgets, metrics := 10, 10
	for _, domain := range p.Domains {
		widgets += 4
		metrics += 3 * len(domain.Functions)
	}
	bad.requireWithin(dashboardWidgets, "Domains", widgets, "show fewer domains")
	bad.requireWithin(dashboardMetrics, "Domains", metrics, "show fewer functions")
	ten := len(topTenQuery("MAX", "Duration", p.ExcludedFunctions))
	bad.require(ten <= maxQueryLength, "ExcludedFunctions", "makes a query of %d characters; CloudWatch allows %d: watch more of the functions", ten, maxQueryLength)
}

func checkFleetTimeout(prop string, timeout time.Duration, bad *problems) {
	bad.require(timeout >= time.Second && timeout <= maxTimeout, prop, "is %s; use 1s to %s", timeout, maxTimeout)
}

// checkNames records invalid names and duplicates. A CDK token passes, because its
// text is known only at deployment.
func checkNames(prop string, names []string, pattern *regexp.Regexp, what string, bad *problems) {
	for i, name := range names {
		at := fmt.Sprintf("%s[%d]", prop, i)
		known := !*awscdk.Token_IsUnresolved(jsii.String(name))
		bad.require(!known || pattern.MatchString(name), at, "%q is not the name of %s", name, what)
		bad.require(!slices.Contains(names[:i], name), at, "%q is listed twice", name)
	}
}
