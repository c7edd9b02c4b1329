// Package metrics names the metrics of the functions for what watches them: the
// stacks, which make alarms of them.
package metrics

import (
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// Where CloudWatch has the metrics: all of them have the dimension "service".
const (
	Namespace = telemetry.Namespace
	Service   = telemetry.Service
)

// Name is the name of a metric that counts.
type Name string

// The metrics that an alarm is on. docs/telemetry.md says what each counts; those
// of security events are named for their kind.
const (
	Limited       Name = telemetry.LimitedMetric
	FailedOpen    Name = telemetry.FailedOpenMetric
	EventLost     Name = telemetry.EventLostMetric
	OriginRefused Name = telemetry.OriginRefusedMetric

	SignInFailed       = Name(securityevents.SignInFailed)
	SignInLocked       = Name(securityevents.SignInLocked)
	CodeWrong          = Name(securityevents.CodeWrong)
	CodeLocked         = Name(securityevents.CodeLocked)
	PINWrong           = Name(securityevents.PINWrong)
	PINLocked          = Name(securityevents.PINLocked)
	Registered         = Name(securityevents.Registered)
	AccountLinked      = Name(securityevents.AccountLinked)
	AccountDisclosed   = Name(securityevents.AccountDisclosed)
	AccountDeleted     = Name(securityevents.AccountDeleted)
	PasswordReset      = Name(securityevents.PasswordReset)
	EndedSessionUsed   = Name(securityevents.EndedSessionUsed)
	SuspiciousActivity = Name(securityevents.SuspiciousActivity)
)
