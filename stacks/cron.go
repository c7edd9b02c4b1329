package stacks

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// addCron has EventBridge Scheduler invoke the function's alias at times of the clock. A
// rule of EventBridge knows no time zone but UTC.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#time-zones
func (w *wiring) addCron(declared *function.Function, event function.Event, built *constructs.LeastPrivilegeFunction) {
	stack := awscdk.Stack_Of(built)
	alias := built.Alias.FunctionArn()
	role := awsiam.NewRole(built.Construct, jsii.String("ScheduleRole"), &awsiam.RoleProps{
		Description: jsii.String("Lets EventBridge Scheduler invoke " + declared.Name),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": *stack.Account()}},
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"Invoke": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
			Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Sid: jsii.String("InvokeAlias"), Actions: jsii.Strings("lambda:InvokeFunction"), Resources: &[]*string{alias},
			})},
		})},
	})
	input, err := json.Marshal(map[string]string{"schedule": event.Key}) // what the runtime knows a schedule by
	if err != nil {
		panic(err)
	}
	name := jsii.String(w.cfg.PhysicalName(declared.Name))
	// The metrics of EventBridge Scheduler are by group. The alarm on missed runs needs
	// those of one schedule.
	group := awsscheduler.NewCfnScheduleGroup(built.Construct, jsii.String("ScheduleGroup"), &awsscheduler.CfnScheduleGroupProps{Name: name})
	awsscheduler.NewCfnSchedule(built.Construct, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:                       name,
		GroupName:                  group.Ref(),
		Description:                jsii.String(declared.Purpose),
		ScheduleExpression:         jsii.String("cron(" + event.Cron.Expression + ")"),
		ScheduleExpressionTimezone: jsii.String(event.Cron.TimeZone),
		FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn: alias, RoleArn: role.RoleArn(), Input: jsii.String(string(input)),
			// The next run does what this one could not.
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{MaximumRetryAttempts: jsii.Number(0)},
		},
	})
}
