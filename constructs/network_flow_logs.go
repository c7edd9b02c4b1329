package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// addFlowLogs logs the VPC's connections to a log group with a retention. CDK gives
// the role its permissions on that log group. This package writes the role's trust
// policy, which allows only flow logs of the account.
// https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
func (n *PrivateNetwork) addFlowLogs() {
	stack := awscdk.Stack_Of(n)
	group := newLogGroup(n, "FlowLogGroup", RetainedLogGroupProps{
		Name:          fmt.Sprintf("/aws/vpc/%s/flow-logs", n.props.Name),
		RetentionDays: n.props.FlowLogRetentionDays,
		EncryptionKey: n.props.FlowLogKey,
		Disposable:    n.props.Disposable,
	})
	flowLogs := fmt.Sprintf("arn:%s:ec2:%s:%s:vpc-flow-log/*", *stack.Partition(), *stack.Region(), *stack.Account())
	role := awsiam.NewRole(n, jsii.String("FlowLogRole"), &awsiam.RoleProps{
		Description: jsii.String("Writes the flow logs of " + n.props.Name),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("vpc-flow-logs.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": *stack.Account()},
				"ArnLike":      map[string]any{"aws:SourceArn": flowLogs},
			},
		}),
	})
	group.Grant(role, jsii.String("logs:CreateLogStream"), jsii.String("logs:DescribeLogStreams"), jsii.String("logs:PutLogEvents"))
	traffic := awsec2.FlowLogTrafficType_ALL
	if n.props.RejectedFlowsOnly {
		traffic = awsec2.FlowLogTrafficType_REJECT
	}
	// CDK's FlowLog acknowledges rules of its validator for the whole app. The
	// scope keeps the logical id of CDK's resource, because EC2 refuses a second
	// flow log of the same VPC.
	scope := constructs.NewConstruct(n, jsii.String("FlowLog"))
	awsec2.NewCfnFlowLog(scope, jsii.String("FlowLog"), &awsec2.CfnFlowLogProps{
		ResourceId:               n.Vpc.VpcId(),
		ResourceType:             jsii.String("VPC"),
		TrafficType:              jsii.String(string(traffic)),
		LogDestinationType:       jsii.String("cloud-watch-logs"),
		LogGroupName:             group.LogGroupName(),
		DeliverLogsPermissionArn: role.RoleArn(),
		Tags:                     &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: scope.Node().Path()}},
	})
}
