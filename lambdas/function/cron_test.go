package function_test

import (
	"context"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
)

func (*greeter) Sweep(context.Context) error { return nil }

func cron(expression, zone string) *function.Function {
	return function.Define(function.Spec[*greeter]{
		Name: "greeter", Purpose: "Greets.",
		New:    func(*function.Resources) (*greeter, error) { return nil, nil },
		Events: []function.EventOf[*greeter]{function.OnCron(expression, zone, (*greeter).Sweep)},
	})
}

func TestOnCron_ExpressionOrZoneThatAWSRefuses_IsReported(t *testing.T) {
	for _, good := range [][2]string{{"30 7 ? * MON-FRI *", "Europe/London"}, {"0 3 1 * ? *", "UTC"}, {"0/15 * * * ? 2026-2030", "America/New_York"}} {
		if err := cron(good[0], good[1]).Validate(); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	for bad, want := range map[[2]string]string{
		{"30 7 * * *", "Europe/London"}:               "six fields",
		{"cron(30 7 ? * MON-FRI *)", "Europe/London"}: "six fields",
		{"30 7 ? * MON-FRI *", "London"}:              "time zone",
		{"30 7 ? * MON-FRI *", ""}:                    "time zone",
		{"30 7 ? * MON-FRI *", "Local"}:               "time zone",
	} {
		if err := cron(bad[0], bad[1]).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v", bad, err)
		}
	}
}
