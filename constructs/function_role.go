package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

var (
	tracingActions = []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
	// The actions that X-Ray's OTLP endpoint requires beside xray:PutTraceSegments.
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
	spanActions = []string{"xray:PutSpans", "xray:PutSpansForIndexing"}
	// The actions by which Lambda connects a function to a VPC, with the function's
	// role.
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
	networkInterfaceActions = []string{
		"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
		"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
		"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
	}
)

// newFunctionRole makes the function's role. Its policy is inline, so the stack has
// one resource less, and the function never starts without its permissions. The
// trust policy names no source account, because Lambda accepts a role only for
// functions of the role's own account. AWS does not document that Lambda sends
// aws:SourceAccount when it assumes the role.
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

// additionalPolicies returns the role's other policies: the policy of
// AllowInSeparatePolicy, and the policy that CDK makes for statements added to the
// role.
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

// denyNetworkCalls returns a statement that denies the function's own code the
// network actions. Lambda itself can still use them with the role.
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

// lambdaARN returns the ARN of a resource named after the function. It writes the
// ARN out by name, because a reference would make a dependency cycle with the role.
func lambdaARN(stack awscdk.Stack, service, kind, name string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s:%s", *stack.Partition(), service, *stack.Region(), *stack.Account(), kind, name)
}
