package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

var (
	tracingActions = []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
	// What X-Ray's OTLP endpoint asks for beside xray:PutTraceSegments.
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
	spanActions = []string{"xray:PutSpans", "xray:PutSpansForIndexing"}
	// What Lambda does with the role to connect a function to a VPC.
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
	networkInterfaceActions = []string{
		"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
		"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
		"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
	}
)

// newFunctionRole makes the function's role. Its policy is part of the role, so
// that a function costs one resource less of its stack's 500 and never starts
// before its rights. The trust names no source account: Lambda takes a role
// only for functions of the role's own account, and does not document that it
// sends aws:SourceAccount when it assumes one.
func newFunctionRole(f *LeastPrivilegeFunction, p LeastPrivilegeFunctionProps) awsiam.Role {
	stack := awscdk.Stack_Of(f)
	own := Grant{
		{Sid: "WriteOwnLogs", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources: []string{lambdaARN(stack, "logs", "log-group", logGroupName(p.Name)) + ":*"}},
		{Sid: "WriteTraces", Actions: tracingActions, Resources: []string{"*"}},
	}
	if p.AllowSpans {
		own = append(own, Statement{Sid: "WriteSpans", Actions: spanActions, Resources: []string{"*"}})
	}
	if p.Network != nil {
		own = append(own, Statement{Sid: "LambdaConnectsToVpc", Actions: networkInterfaceActions, Resources: []string{"*"}})
	}
	sids := sidCount{}
	statements := policyStatements(sids.merge(append([]Grant{own}, p.Grants...)))
	if p.Network != nil {
		sid := sids.unused("CodeDoesNotTouchVpc")
		*statements = append(*statements, denyNetworkCalls(sid, lambdaARN(stack, "lambda", "function", p.Name)))
	}
	role := awsiam.NewRole(f, jsii.String("Role"), &awsiam.RoleProps{
		RoleName:            stringOrNil(p.RoleName),
		AssumedBy:           awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		Description:         jsii.String("Execution role of " + p.Name),
		PermissionsBoundary: p.PermissionsBoundary,
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"LeastPrivilege": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: statements}),
		},
	})
	guardRole(role)
	guardRoleSize(role, "Grants", "join grants on one resource, or split the function", f.additionalPolicies)
	return role
}

// additionalPolicies returns the inline policies beside the role's own: that of AllowInSeparatePolicy,
// and the one CDK makes for statements added to the role.
func (f *LeastPrivilegeFunction) additionalPolicies() []awsiam.Policy {
	var policies []awsiam.Policy
	if f.separatePolicy != nil {
		policies = append(policies, f.separatePolicy)
	}
	if added := f.Role.Node().TryFindChild(jsii.String("DefaultPolicy")); added != nil {
		var policy awsiam.Policy
		jsii.UnsafeCast(added, &policy)
		policies = append(policies, policy)
	}
	return policies
}

// denyNetworkCalls keeps the function's own code from what its role allows
// Lambda to do for it.
func denyNetworkCalls(sid, functionARN string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:       jsii.String(sid),
		Effect:    awsiam.Effect_DENY,
		Actions:   jsii.Strings(networkInterfaceActions...),
		Resources: jsii.Strings("*"),
		Conditions: &map[string]any{
			"ArnEquals": map[string]any{"lambda:SourceFunctionArn": functionARN},
		},
	})
}

// lambdaARN writes out the ARN of something named after the function: a
// reference to the resource would make a cycle with the role.
func lambdaARN(stack awscdk.Stack, service, kind, name string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s:%s", *stack.Partition(), service, *stack.Region(), *stack.Account(), kind, name)
}
