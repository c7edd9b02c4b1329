package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/customresources"
	"github.com/aws/jsii-runtime-go"
)

// emptyDefaultSecurityGroup revokes the rules of the VPC's default security group.
// CloudFormation can neither change nor delete these rules, so an API call revokes
// each when the stack is deployed. CDK's own function for this has a managed policy
// that can write every log of the account. This function can revoke rules of this
// group only, and write its own log.
// https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
func (n *PrivateNetwork) emptyDefaultSecurityGroup() {
	logs := newLogGroup(n, "DefaultGroupLogGroup", RetainedLogGroupProps{
		Name:          fmt.Sprintf("/aws/vpc/%s/default-security-group", n.props.Name),
		RetentionDays: n.props.FlowLogRetentionDays,
		EncryptionKey: n.props.FlowLogKey,
		Disposable:    n.props.Disposable,
	})
	role := n.defaultGroupRole(logs)
	n.revokeDefaultRule("DefaultGroupIngress", "Ingress", logs, role, map[string]any{
		"UserIdGroupPairs": []any{map[string]any{"GroupId": n.cfnVpc.AttrDefaultSecurityGroup()}},
	})
	n.revokeDefaultRule("DefaultGroupEgress", "Egress", logs, role, map[string]any{
		"IpRanges": []any{map[string]any{"CidrIp": "0.0.0.0/0"}},
	})
	if n.ipv6 != nil {
		n.revokeDefaultRule("DefaultGroupIPv6Egress", "Egress", logs, role, map[string]any{
			"Ipv6Ranges": []any{map[string]any{"CidrIpv6": "::/0"}},
		}).Node().AddDependency(n.ipv6)
	}
}

// defaultGroupRole returns the role of CDK's function for single API calls. Each
// call adds its own permission.
func (n *PrivateNetwork) defaultGroupRole(logs awslogs.LogGroup) awsiam.Role {
	write := Statement{
		Sid: "WriteOwnLogs", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: []string{*logs.LogGroupArn()},
	}
	return awsiam.NewRole(n, jsii.String("DefaultGroupRole"), &awsiam.RoleProps{
		Description: jsii.String("Empties the default security group of " + n.props.Name),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Logs": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: policyStatements([]Statement{write})}),
		},
	})
}

// revokeDefaultRule revokes one rule. A rule that does not exist is no error.
func (n *PrivateNetwork) revokeDefaultRule(id, direction string, logs awslogs.LogGroup, role awsiam.Role, rule map[string]any) customresources.AwsCustomResource {
	stack, group := awscdk.Stack_Of(n), n.cfnVpc.AttrDefaultSecurityGroup()
	rule["IpProtocol"] = "-1"
	allow := Statement{
		Sid: "Revoke" + direction, Actions: []string{"ec2:RevokeSecurityGroup" + direction},
		Resources: []string{fmt.Sprintf("arn:%s:ec2:%s:%s:security-group/%s", *stack.Partition(), *stack.Region(), *stack.Account(), *group)},
	}
	return customresources.NewAwsCustomResource(n, jsii.String(id), &customresources.AwsCustomResourceProps{
		OnUpdate: &customresources.AwsSdkCall{ // and on create
			Service:                  jsii.String("EC2"),
			Action:                   jsii.String("revokeSecurityGroup" + direction),
			Parameters:               map[string]any{"GroupId": group, "IpPermissions": []any{rule}},
			PhysicalResourceId:       customresources.PhysicalResourceId_Of(jsii.String(id)),
			IgnoreErrorCodesMatching: jsii.String("InvalidPermission.NotFound"),
		},
		Policy:              customresources.AwsCustomResourcePolicy_FromStatements(policyStatements([]Statement{allow})),
		Role:                role,
		LogGroup:            logs,
		InstallLatestAwsSdk: jsii.Bool(false),
	})
}
