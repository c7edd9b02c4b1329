package stacks

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/metrics"
)

// securityAlarm is an alarm on a metric that the functions count. Its name is the
// anchor of its section in docs/runbooks/security.md.
type securityAlarm struct {
	name        string
	metric      metrics.Name
	thresholds  config.Thresholds
	description string
}

// securityAlarms returns all alarms on attacks and on checks that fail open. Other
// kinds of events have a metric and no alarm.
func securityAlarms(ordinary config.SecurityThresholds) []securityAlarm {
	return []securityAlarm{
		{"refused-sign-ins", metrics.SignInFailed, ordinary.RefusedSignIns, "passwords were wrong"},
		{"locked-sign-ins", metrics.SignInLocked, ordinary.LockedSignIns, "sign-ins were refused after too many wrong passwords"},
		{"wrong-codes", metrics.CodeWrong, ordinary.WrongCodes, "codes were wrong"},
		{"locked-codes", metrics.CodeLocked, ordinary.LockedCodes, "codes were refused after too many wrong ones"},
		{"wrong-pins", metrics.PINWrong, ordinary.WrongPINs, "PINs were wrong"},
		{"locked-pins", metrics.PINLocked, ordinary.LockedPINs, "PINs were refused after too many wrong ones"},
		{"ended-sessions", metrics.EndedSessionUsed, ordinary.EndedSessions, "renewals were asked for sessions that had ended"},
		{"suspicious-activity", metrics.SuspiciousActivity, ordinary.Suspicions, "sign-ins or sessions had a high risk"},
		{"disclosed-accounts", metrics.AccountDisclosed, ordinary.DisclosedAccounts, "requests were told that there is an account"},
		{"linked-identities", metrics.AccountLinked, ordinary.LinkedIdentities, "identities at Apple or Google were linked to accounts"},
		{"registrations", metrics.Registered, ordinary.Registrations, "accounts were registered"},
		{"password-resets", metrics.PasswordReset, ordinary.PasswordResets, "passwords were reset"},
		{"deleted-accounts", metrics.AccountDeleted, ordinary.DeletedAccounts, "accounts were deleted by their users"},
		{"limits", metrics.Limited, ordinary.RefusedByLimits, "requests were refused by limits"},
		{"origin-refusals", metrics.OriginRefused, ordinary.OriginRefusals, "requests came to the API without passing the edge"},
		{"failed-open", metrics.FailedOpen, ordinary.FailedOpen, "checks were left out because they could not be made"},
		{"lost-events", metrics.EventLost, ordinary.LostEvents, "events of security could not be written"},
	}
}

func newSecurityAlarms(stack awscdk.Stack, cfg config.Config, alerts *constructs.AlertTopic) {
	props := &constructs.CountAlarmsProps{
		Name:       cfg.PhysicalName("security"),
		Route:      constructs.AlarmRoute{Target: alerts, RunbookURL: securityRunbook},
		Namespace:  metrics.Namespace,
		Dimensions: map[string]string{"service": metrics.Service},
	}
	for _, alarm := range securityAlarms(cfg.Alerts.Security) {
		props.Counts = append(props.Counts, constructs.Count{
			Name: alarm.name, Metric: string(alarm.metric), Description: alarm.description,
			Levels: constructs.AlarmLevels{
				Warning:  constructs.Threshold(alarm.thresholds.Warning),
				Critical: cmp.Or(constructs.Threshold(alarm.thresholds.Critical), constructs.Off),
			},
		})
	}
	constructs.NewCountAlarms(stack, "SecurityAlarms", props)
}
