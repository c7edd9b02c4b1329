package constructs

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
)

// ScheduleOperation is an operation on schedules, in EventBridge Scheduler's
// spelling.
type ScheduleOperation string

// The operations on schedules.
const (
	CreateSchedule ScheduleOperation = "CreateSchedule"
	DeleteSchedule ScheduleOperation = "DeleteSchedule"
	GetSchedule    ScheduleOperation = "GetSchedule"
	UpdateSchedule ScheduleOperation = "UpdateSchedule"
)

var scheduleActions = []string{
	"scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:GetSchedule", "scheduler:UpdateSchedule",
}

// AllowSchedules grants operations on the schedules of one group. Scheduler calls a
// schedule's target with a role. A function that creates or updates schedules must
// be allowed to pass that role to Scheduler. target is this role, and may be nil
// for operations that only read or delete. Keep the permissions of target small,
// because the function can make a schedule that uses all of them.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policies.html
func AllowSchedules(group awsscheduler.IScheduleGroup, target awsiam.IRole, operations ...ScheduleOperation) Grant {
	requireNotNil("AllowSchedules", "group", group)
	var bad problems
	bad.require(len(operations) > 0, "operations", "are missing; name at least one")
	actions, passes := make([]string, len(operations)), false
	for i, o := range operations {
		actions[i] = "scheduler:" + string(o)
		bad.require(oneOf(actions[i], scheduleActions...), "operations", "%q is not one of the ScheduleOperation constants", o)
		passes = passes || oneOf(o, CreateSchedule, UpdateSchedule)
	}
	bad.require(target != nil || !passes, "target", "is missing; give the role with which Scheduler calls the target")
	bad.panicIfAny("AllowSchedules", group, "")

	stack := awscdk.Stack_Of(group)
	grant := AllowActions(sidOf(group, "Schedules"), actions, fmt.Sprintf("arn:%s:scheduler:%s:%s:schedule/%s/*",
		*stack.Partition(), *stack.Region(), *stack.Account(), *group.ScheduleGroupName()))
	if !passes {
		return grant
	}
	return append(grant, Statement{
		Sid: sidOf(group, "PassRole"), Actions: []string{"iam:PassRole"}, Resources: []string{*target.RoleArn()},
		Conditions: map[string]map[string][]string{"StringEquals": {"iam:PassedToService": {"scheduler.amazonaws.com"}}},
	})
}

// isSchedulesOfGroup reports whether the ARN means the schedules of one group.
func isSchedulesOfGroup(arn string) bool {
	group, ok := strings.CutSuffix(arn, "/*")
	_, name, found := strings.Cut(group, ":schedule/")
	return ok && found && name != "" && !hasWildcard(group)
}
