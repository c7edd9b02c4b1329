package stacks

import (
	"strings"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/policy"
)

// eventKind is a kind of source that invokes functions, and why a function that only
// such sources invoke needs neither a dead-letter queue nor reserved concurrency.
type eventKind struct {
	of                     func(*function.Function) bool
	deadLetters, loadBound string
}

var eventKinds = []eventKind{
	{
		of:          func(f *function.Function) bool { return len(f.Routes) > 0 },
		deadLetters: "The API waits for the response and gets the error.",
		loadBound:   "The API's throttle and the limits of each signed-in user bound the requests.",
	},
	{
		of:          hasEvent(func(e function.Event) bool { return e.Trigger != "" }),
		deadLetters: "The user pool waits for the response and gets the error.",
		loadBound:   "The throttle of the API and the user pool's quotas bound the sign-ins.",
	},
	{
		of:          hasEvent(func(e function.Event) bool { return e.Every != 0 || e.Cron != nil }),
		deadLetters: "What a run of the schedule leaves, the next run does.",
		loadBound:   "A schedule starts one run at a time.",
	},
	{
		of:          hasEvent(func(e function.Event) bool { return e.Rotates != nil }),
		deadLetters: "Secrets Manager tries a failed rotation again and reports it.",
		loadBound:   "Secrets Manager starts one rotation at a time.",
	},
	{
		of:          hasEvent(func(e function.Event) bool { return e.Command != "" }),
		deadLetters: "The operator waits for the response and gets the error.",
		loadBound:   "An operator invokes it by hand.",
	},
	{
		of:          hasEvent(func(e function.Event) bool { return e.Topic != nil || e.Queue != nil || e.Uploads != nil }),
		deadLetters: "Its queue keeps messages that fail to the end in a dead-letter queue.",
		loadBound:   "Throttled messages wait in its queue for 14 days.",
	},
	{
		of:          hasEvent(func(e function.Event) bool { return e.Changes != nil }),
		deadLetters: "Its event source sends changes that fail to the end to a dead-letter queue.",
		loadBound:   "A stream starts one batch for each of the table's shards.",
	},
}

func hasEvent(is func(function.Event) bool) func(*function.Function) bool {
	return func(f *function.Function) bool {
		for _, event := range f.Events {
			if is(event) {
				return true
			}
		}
		return false
	}
}

// acceptByKind accepts rules about functions for the reasons that hold for what invokes
// this one.
func acceptByKind(cfg config.Config, built *constructs.LeastPrivilegeFunction, declared *function.Function) {
	var deadLetters, loadBound []string
	for _, kind := range eventKinds {
		if kind.of(declared) {
			deadLetters, loadBound = append(deadLetters, kind.deadLetters), append(loadBound, kind.loadBound)
		}
	}
	policy.Accept(built, "NIST.800.53.R5-LambdaDLQ", strings.Join(deadLetters, " "))
	if reservedConcurrency(cfg, declared) == 0 {
		policy.Accept(built, "NIST.800.53.R5-LambdaConcurrency", strings.Join(loadBound, " ")+unreserved(cfg))
	}
}
