package stacks

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The runbooks say what to do about each alarm. An alarm's description links to one.
const (
	runbook         = "https://github.com/expenzez/infrastructure/blob/main/docs/runbooks/functions.md"
	apiRunbook      = "https://github.com/expenzez/infrastructure/blob/main/docs/runbooks/api.md"
	emailsRunbook   = "https://github.com/expenzez/infrastructure/blob/main/docs/runbooks/emails.md"
	securityRunbook = "https://github.com/expenzez/infrastructure/blob/main/docs/runbooks/security.md"
	messagesRunbook = "https://github.com/expenzez/infrastructure/blob/main/docs/runbooks/messages.md"
	reportsRunbook  = "https://github.com/expenzez/infrastructure/blob/main/docs/runbooks/error-reports.md"
	budgetsRunbook  = "https://github.com/expenzez/infrastructure/blob/main/docs/runbooks/budgets.md"
)

// newMonitoring adds alarms and dashboards for the API, all functions and tables of the
// stage, and the reputation of its e-mails. It uses the names of functions and tables
// instead of references, so that the monitoring stack never blocks their removal.
func newMonitoring(stack awscdk.Stack, cfg config.Config, core *core, api *api, domains ...function.Domain) {
	alerts := core.alerts
	props := &constructs.FunctionFleetProps{
		Name:          cfg.PhysicalName("functions"),
		Route:         constructs.AlarmRoute{Target: alerts, RunbookURL: runbook},
		Timeout:       cfg.Functions.Timeout,
		OtherTimeouts: otherTimeouts(cfg, domains),
	}
	if !cfg.Controls.AlarmsPerFunction {
		props.AlarmScope = constructs.WholeAccount
	}
	props.Schedules, props.ScheduleGroups = schedules(cfg, domains)
	for _, domain := range domains {
		shown := constructs.FleetDomain{Name: domain.Name}
		for _, f := range domain.Functions {
			name := cfg.PhysicalName(f.Name)
			shown.Functions = append(shown.Functions, name)
			if isBackgroundFunction(f) {
				props.BackgroundFunctions = append(props.BackgroundFunctions, name)
			}
		}
		props.Domains = append(props.Domains, shown)
	}
	for _, table := range tables.All() {
		props.Tables = append(props.Tables, cfg.PhysicalName(table.Name))
	}
	constructs.NewFunctionFleet(stack, "Fleet", props)
	constructs.NewHttpApiMonitoring(stack, "ApiMonitoring", &constructs.HttpApiMonitoringProps{
		Api:   api.HttpApi,
		Name:  cfg.PhysicalName("api"),
		Route: constructs.AlarmRoute{Target: alerts, RunbookURL: apiRunbook},

		MinimumRequests: cfg.Alerts.MinimumRequests,
	})
	newObjectives(stack, cfg, api, alerts)
	if cfg.Traces.XRay() {
		newTransactionSearch(stack)
	}
	constructs.NewEmailReputation(stack, "EmailReputation", &constructs.EmailReputationProps{
		Name:  cfg.PhysicalName("mail"),
		Route: constructs.AlarmRoute{Target: alerts, RunbookURL: emailsRunbook},
	})
	newBudgetAlarms(stack, cfg, alerts)
	newSecurityAlarms(stack, cfg, alerts)
}

// isBackgroundFunction reports whether no caller waits for the function's response: it
// runs on a schedule or rotates a secret.
func isBackgroundFunction(f *function.Function) bool {
	return slices.ContainsFunc(f.Events, func(event function.Event) bool { return event.Trigger == "" && event.Command == "" })
}

// schedules returns the longest times between two runs of the functions' schedules: of
// rules by the rule's name, and of times of the clock by the schedule group. Both have
// the function's name.
func schedules(cfg config.Config, domains []function.Domain) (rules, groups map[string]time.Duration) {
	rules, groups = map[string]time.Duration{}, map[string]time.Duration{}
	for _, domain := range domains {
		for _, f := range domain.Functions {
			for _, event := range f.Events {
				if event.Every != 0 {
					rules[cfg.PhysicalName(f.Name)] = event.Every
				}
				if event.Cron != nil {
					gap, err := event.Cron.LongestGap()
					if err != nil {
						panic(err) // function.Validate has checked the expression
					}
					groups[cfg.PhysicalName(f.Name)] = gap
				}
			}
		}
	}
	return rules, groups
}

// otherTimeouts returns the timeouts of functions that differ from the stage's.
func otherTimeouts(cfg config.Config, domains []function.Domain) map[string]time.Duration {
	other := map[string]time.Duration{}
	for _, domain := range domains {
		for _, f := range domain.Functions {
			if f.Timeout != 0 && f.Timeout != cfg.Functions.Timeout {
				other[cfg.PhysicalName(f.Name)] = f.Timeout
			}
		}
	}
	return other
}
