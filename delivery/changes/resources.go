package changes

import (
	"regexp"
	"slices"
	"strings"
)

// ResourceChange is one resource that a deployment would remove or replace.
type ResourceChange struct {
	Stack string
	// Type is the resource's type of CloudFormation, and Path its place in the app.
	Type, Path string
	// Impact is CDK's word: destroy, orphan, replace or "may be replaced".
	Impact string
}

// IsRefused reports whether a person must decide about the change: whether the resource
// has data, a name that others rely on, or a type that disposable lacks.
func (c ResourceChange) IsRefused() bool { return !slices.Contains(disposable, c.Type) }

// disposable are the types whose resources hold no data and that a deployment replaces
// without an interruption. The removal of any other type is refused.
var disposable = []string{
	"AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route",
	"AWS::CDK::Metadata",
	"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::CloudWatch::Dashboard",
	"AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::Scheduler::ScheduleGroup",
	"AWS::IAM::Policy", "AWS::IAM::Role",
	"AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::EventSourceMapping",
	"AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Lambda::Version",
	"AWS::SNS::Subscription", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy",
}

// changeLine is a line of cdk diff about a resource:
//
//	[-] AWS::DynamoDB::Table Goals/Table GoalsTableA96503B9 orphan
//	[~] AWS::DynamoDB::Table Devices/Table DevicesTable92DD7FD2 replace
var changeLine = regexp.MustCompile(`^\[[-~]\] (\w+(?:::\w+)+) (\S.*?)(?: \S+)? (destroy|orphan|replace|may be replaced)$`)

// Removals returns the resources that cdk diff says would be removed or replaced.
func Removals(stack, diff string) []ResourceChange {
	var changes []ResourceChange
	for _, line := range strings.Split(diff, "\n") {
		if found := changeLine.FindStringSubmatch(strings.TrimSpace(line)); found != nil {
			changes = append(changes, ResourceChange{Stack: stack, Type: found[1], Path: found[2], Impact: found[3]})
		}
	}
	return changes
}
