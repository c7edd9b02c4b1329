package function_test

import (
	"context"
	"strings"
	"testing"
	"time"

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
	for _, good := range [][2]string{{"30 7 ? * MON-FRI *", "Europe/London"}, {"0 3 1/3 * ? *", "UTC"}, {"0/15 * * * ? *", "America/New_York"}} {
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
		{"0 3 1 * ? *", "UTC"}:                        "744h0m0s apart",
		{"0 3 ? * SUN *", "UTC"}:                      "168h0m0s apart",
		{"0 3 L * ? *", "UTC"}:                        "no list",
		{"0 25 * * ? *", "UTC"}:                       "not within 0 to 23",
		{"0 3 * * ? 2026-2030", "UTC"}:                "the year *",
		{"0 3 31 FEB ? *", "UTC"}:                     "never runs",
	} {
		if err := cron(bad[0], bad[1]).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v", bad, err)
		}
	}
}

func TestLongestGap_Expressions_AreTheTimeBetweenRuns(t *testing.T) {
	for c, want := range map[function.Cron]time.Duration{
		{Expression: "30 7 ? * MON-FRI *", TimeZone: "UTC"}:           72 * time.Hour,
		{Expression: "30 7 ? * MON-FRI *", TimeZone: "Europe/London"}: 73 * time.Hour, // the clocks go back on a Sunday
		{Expression: "0 3 * * ? *", TimeZone: "UTC"}:                  24 * time.Hour,
		{Expression: "30 1 * * ? *", TimeZone: "Europe/London"}:       48*time.Hour - time.Hour, // the hour that is missing
		{Expression: "0/15 * * * ? *", TimeZone: "UTC"}:               15 * time.Minute,
		{Expression: "0 9,17 ? * 2,4,6 *", TimeZone: "UTC"}:           64 * time.Hour,
		{Expression: "5 8-10 * JAN-DEC ? *", TimeZone: "UTC"}:         22 * time.Hour,
		{Expression: "0 0 1/10 * ? *", TimeZone: "UTC"}:               10 * 24 * time.Hour,
	} {
		if got, err := c.LongestGap(); err != nil || got != want {
			t.Errorf("%s in %s: %s, %v; want %s", c.Expression, c.TimeZone, got, err, want)
		}
	}
}
