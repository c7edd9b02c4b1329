package stacks

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func (goalService) Remind(context.Context) error { return nil }

func TestAddCron_InvokesTheAliasAtLocalTimes(t *testing.T) {
	declared := goalFunction(function.Spec[goalService]{
		Purpose: "Reminds of goals.",
		Events:  []function.EventOf[goalService]{function.OnCron("30 7 ? * MON-FRI *", "Europe/London", goalService.Remind)},
	})
	if err := declared.Validate(); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load("dev")
	if err != nil {
		t.Fatal(err)
	}
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Test"), nil)
	built := constructs.NewLeastPrivilegeFunction(stack, "Goals", &constructs.LeastPrivilegeFunctionProps{
		Name: "goals", Code: constructs.GoBundle{Package: "./lambdas/health/bootstrap", Dir: "..", Tags: function.BuildTags},
	})
	(&wiring{cfg: cfg}).addEvents(declared, built)

	template := assertions.Template_FromStack(stack, nil)
	template.HasResourceProperties(jsii.String("AWS::Scheduler::Schedule"), map[string]any{
		"Name": "expenzez-dev-goals", "ScheduleExpression": "cron(30 7 ? * MON-FRI *)", "ScheduleExpressionTimezone": "Europe/London",
		"GroupName":          map[string]any{"Ref": assertions.Match_StringLikeRegexp(jsii.String("^GoalsScheduleGroup"))},
		"FlexibleTimeWindow": map[string]any{"Mode": "OFF"},
		"Target":             map[string]any{"Input": `{"schedule":"schedule"}`, "RetryPolicy": map[string]any{"MaximumRetryAttempts": 0}},
	})
	template.HasResourceProperties(jsii.String("AWS::Scheduler::ScheduleGroup"), map[string]any{"Name": "expenzez-dev-goals"})
	roles, err := json.Marshal(template.FindResources(jsii.String("AWS::IAM::Role"), map[string]any{
		"Properties": map[string]any{"Description": "Lets EventBridge Scheduler invoke goals"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"Service":"scheduler.amazonaws.com"`, `"aws:SourceAccount"`, `"Action":"lambda:InvokeFunction"`} {
		if !strings.Contains(string(roles), part) {
			t.Errorf("the role lacks %s: %s", part, roles)
		}
	}
	if strings.Contains(string(roles), "*") {
		t.Errorf("the role may invoke more than the alias: %s", roles)
	}
}

// Schedules by rate and by cron have the alarm on missed runs.
func TestSchedules_RateAndCron_AreWatched(t *testing.T) {
	cfg, err := config.Load("dev")
	if err != nil {
		t.Fatal(err)
	}
	declare := func(name string, event function.EventOf[goalService]) *function.Function {
		return function.Define(function.Spec[goalService]{Name: name, Events: []function.EventOf[goalService]{event}})
	}
	domain := function.Domain{Name: "goals", Functions: []*function.Function{
		declare("sweep", function.OnSchedule(time.Hour, goalService.Remind)),
		declare("remind", function.OnCron("30 7 ? * MON-FRI *", "Europe/London", goalService.Remind)),
	}}
	rules, groups := schedules(cfg, []function.Domain{domain})
	if len(rules) != 1 || rules["expenzez-dev-sweep"] != time.Hour || len(groups) != 1 || groups["expenzez-dev-remind"] != 73*time.Hour {
		t.Errorf("rules %v, groups %v", rules, groups)
	}
}
