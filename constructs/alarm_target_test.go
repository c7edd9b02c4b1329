package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleExistingTopic() {
	stack := newStack()
	onCall := awssns.Topic_FromTopicArn(stack, jsii.String("OnCall"), jsii.String("arn:aws:sns:eu-west-2:444455556666:on-call"))
	monitoring := constructs.NewFunctionMonitoring(stack, "Monitoring", &constructs.FunctionMonitoringProps{
		Function: awslambda.Function_FromFunctionName(stack, jsii.String("Orders"), jsii.String("shop-prod-orders")),
		Name:     "shop-prod-orders",
		Timeout:  30 * time.Second,
		Alarms: constructs.FunctionAlarms{Route: constructs.AlarmRoute{
			Target:        constructs.ExistingTopic{Topic: onCall},
			WarningTarget: constructs.NoAlarmActions{},
			RunbookURL:    "https://example.com/runbooks/functions",
		}},
	})
	fmt.Println(len(monitoring.Alarms(constructs.Critical)))
	// Output: 2
}

// routedTo is the template of a function's alarms that go to a target.
func routedTo(target func(awscdk.Stack) constructs.AlarmTarget) map[string]any {
	return build(func(stack awscdk.Stack) { monitorWith(stack, target(stack)) })
}

func monitorWith(stack awscdk.Stack, target constructs.AlarmTarget) {
	constructs.NewFunctionMonitoring(stack, "Monitoring", &constructs.FunctionMonitoringProps{
		Function: awslambda.Function_FromFunctionName(stack, jsii.String("F"), jsii.String("orders")),
		Name:     "orders", Timeout: time.Second,
		Alarms: constructs.FunctionAlarms{Route: constructs.AlarmRoute{Target: target, RunbookURL: runbook}},
	})
}

func topicOf(stack awscdk.Stack, arn string) awssns.ITopic {
	return awssns.Topic_FromTopicArn(stack, jsii.String("Topic"), jsii.String(arn))
}

func TestAlarmRoute_ExistingTopicOfAnotherAccount_IsToldOfBothStates(t *testing.T) {
	const arn = "arn:aws:sns:eu-west-2:444455556666:on-call"
	template := routedTo(func(stack awscdk.Stack) constructs.AlarmTarget {
		return constructs.ExistingTopic{Topic: topicOf(stack, arn)}
	})
	got := alarm(t, template, "orders-throttles-critical")
	equal(t, "AlarmActions", at(got, "AlarmActions"), `["`+arn+`"]`)
	equal(t, "OKActions", at(got, "OKActions"), `["`+arn+`"]`)
	if topics := all(template, "AWS::SNS::Topic"); len(topics) > 0 {
		t.Errorf("the template makes %d topics", len(topics))
	}
}

func TestAlarmRoute_LambdaFunction_IsInvokedWhenTheAlarmGoesOff(t *testing.T) {
	template := routedTo(func(stack awscdk.Stack) constructs.AlarmTarget {
		page := awslambda.Function_FromFunctionArn(stack, jsii.String("Page"), jsii.String("arn:aws:lambda:eu-west-2:111122223333:function:page"))
		return constructs.AlarmActions{Alarm: []awscloudwatch.IAlarmAction{
			awscloudwatchactions.NewLambdaAction(page, &awscloudwatchactions.LambdaActionProps{UseUniquePermissionId: jsii.Bool(true)}),
		}}
	})
	got := alarm(t, template, "orders-throttles-critical")
	equal(t, "AlarmActions", at(got, "AlarmActions"), `["arn:aws:lambda:eu-west-2:111122223333:function:page"]`)
	equal(t, "OKActions", at(got, "OKActions"), `null`)
}

func TestAlarmRoute_NoAlarmActions_KeepsTheAlarm(t *testing.T) {
	template := routedTo(func(awscdk.Stack) constructs.AlarmTarget { return constructs.NoAlarmActions{} })
	got := alarm(t, template, "orders-throttles-critical")
	equal(t, "AlarmActions", at(got, "AlarmActions"), `null`)
	equal(t, "OKActions", at(got, "OKActions"), `null`)
}

func TestAlarmRoute_TargetThatWouldLoseAlarms_IsRefused(t *testing.T) {
	six := make([]awscloudwatch.IAlarmAction, 6)
	stack := newStack()
	for i := range six {
		six[i] = awscloudwatchactions.NewSnsAction(awssns.NewTopic(stack, jsii.String(fmt.Sprint("T", i)), nil))
	}
	for name, tc := range map[string]struct {
		target func(awscdk.Stack) constructs.AlarmTarget
		prop   string
	}{
		"none": {func(awscdk.Stack) constructs.AlarmTarget { return nil }, "Alarms.Route.Target"},
		"nil AlertTopic": {func(awscdk.Stack) constructs.AlarmTarget { return (*constructs.AlertTopic)(nil) },
			"Alarms.Route.Target"},
		"no topic": {func(awscdk.Stack) constructs.AlarmTarget { return constructs.ExistingTopic{} }, "Alarms.Route.Target"},
		"FIFO topic": {func(stack awscdk.Stack) constructs.AlarmTarget {
			return constructs.ExistingTopic{Topic: topicOf(stack, "arn:aws:sns:eu-west-2:444455556666:on-call.fifo")}
		}, "Alarms.Route.Target"},
		"topic of another Region": {func(stack awscdk.Stack) constructs.AlarmTarget {
			return constructs.ExistingTopic{Topic: topicOf(stack, "arn:aws:sns:us-east-1:111122223333:on-call")}
		}, "Target"},
		"no action": {func(awscdk.Stack) constructs.AlarmTarget { return constructs.AlarmActions{} }, "Alarms.Route.Target"},
		"nil action": {func(awscdk.Stack) constructs.AlarmTarget {
			return constructs.AlarmActions{Alarm: []awscloudwatch.IAlarmAction{nil}}
		}, "Alarms.Route.Target"},
		"six actions": {func(awscdk.Stack) constructs.AlarmTarget { return constructs.AlarmActions{Alarm: six} }, "Alarms.Route.Target"},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStack()
			refused(t, func() { monitorWith(stack, tc.target(stack)) }, tc.prop)
		})
	}
}

func TestAlarmRoute_TopicOfAStackInAnotherRegion_IsRefused(t *testing.T) {
	app := awscdk.NewApp(nil)
	env := func(region string) *awscdk.StackProps {
		return &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String(region)}}
	}
	topic := awssns.NewTopic(awscdk.NewStack(app, jsii.String("there"), env("us-east-1")), jsii.String("Topic"), nil)
	here := awscdk.NewStack(app, jsii.String("here"), env("eu-west-2"))
	refused(t, func() { monitorWith(here, constructs.ExistingTopic{Topic: topic}) }, "Target")
}
