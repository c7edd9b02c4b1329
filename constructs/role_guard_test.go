package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// guarded makes an app with one function, whose role is then spoilt.
func runCheck(t *testing.T) (awscdk.Stack, *constructs.LeastPrivilegeFunction) {
	t.Helper()
	stack := newStack()
	return stack, constructs.NewLeastPrivilegeFunction(stack, "Orders", &constructs.LeastPrivilegeFunctionProps{
		Name: "orders", Code: bootstrap(t),
	})
}

func everything() awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("Everything"), Actions: jsii.Strings("dynamodb:*"), Resources: jsii.Strings("*"),
	})
}

func TestRoleGuard_ManagedPolicyAddedLater_FailsSynth(t *testing.T) {
	stack, f := runCheck(t)
	f.Role.AddManagedPolicy(awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("AdministratorAccess")))
	synthFails(t, stack, "Test/Orders/Role/Resource (", "has the managed policy", "AdministratorAccess")
}

func TestRoleGuard_ManagedPolicyNamingRole_FailsSynth(t *testing.T) {
	stack, f := runCheck(t)
	awsiam.NewManagedPolicy(stack, jsii.String("Broad"), &awsiam.ManagedPolicyProps{
		Roles: &[]awsiam.IRole{f.Role}, Statements: &[]awsiam.PolicyStatement{everything()},
	})
	synthFails(t, stack, "Test/Orders/Role/Resource (", "has the managed policy Test/Broad/Resource")
}

func TestRoleGuard_WildcardAddedToRole_FailsSynth(t *testing.T) {
	stack, f := runCheck(t)
	f.Role.AddToPolicy(everything())
	synthFails(t, stack, "Test/Orders/Role/DefaultPolicy", `"Everything" allows Action "dynamodb:*"`, `"Everything" allows Resource "*"`)
}

func TestRoleGuard_WildcardOfCDKGrant_FailsSynth(t *testing.T) {
	stack, f := runCheck(t)
	table := awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
	})
	table.Grant(f.Function, jsii.String("dynamodb:Batch*"))
	synthFails(t, stack, "Test/Orders/Role/DefaultPolicy", `allows Action "dynamodb:Batch*"`)
}

func TestRoleGuard_WildcardInOtherPolicy_FailsSynth(t *testing.T) {
	stack, f := runCheck(t)
	awsiam.NewPolicy(stack, jsii.String("Aside"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{f.Role}, Statements: &[]awsiam.PolicyStatement{everything()},
	})
	synthFails(t, stack, "Test/Aside/Resource", `"Everything" allows Resource "*"`)
}

func TestRoleGuard_WildcardFromOtherStack_FailsSynth(t *testing.T) {
	for _, strength := range []string{"strong", "weak"} {
		t.Run(strength, func(t *testing.T) {
			stack, f := runCheck(t)
			other := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Other"), &awscdk.StackProps{
				Env: &awscdk.Environment{Account: stack.Account(), Region: stack.Region()},
			})
			other.Node().SetContext(jsii.String("@aws-cdk/core:defaultCrossStackReferences"), strength)
			awsiam.NewPolicy(other, jsii.String("Far"), &awsiam.PolicyProps{
				Roles: &[]awsiam.IRole{f.Role}, Statements: &[]awsiam.PolicyStatement{everything()},
			})
			synthFails(t, stack, "Other/Far/Resource", `"Everything" allows Action "dynamodb:*"`)
		})
	}
}

func TestRoleGuard_SameNameInOtherStack_IsNotReported(t *testing.T) {
	stack, _ := runCheck(t)
	other := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Other"), nil)
	twin := awsiam.NewRole(awsconstructs.NewConstruct(other, jsii.String("Orders")), jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	twin.AddToPolicy(everything())
	synthSucceeds(t, stack)
}

func TestRoleGuard_ManyPolicies_AreAllRead(t *testing.T) {
	stack, f := runCheck(t)
	addPolicies(stack, 450)
	f.Role.AddToPolicy(everything())
	synthFails(t, stack, "Test/Orders/Role/DefaultPolicy", `"Everything" allows Action "dynamodb:*"`)
}

func addPolicies(stack awscdk.Stack, n int) {
	for i := range n {
		awsiam.NewCfnPolicy(stack, jsii.String(fmt.Sprint("Policy", i)), &awsiam.CfnPolicyProps{
			PolicyName: jsii.String("p"), PolicyDocument: map[string]any{}, Users: jsii.Strings("u"),
		})
	}
}

func TestRoleGuard_UnguardedRoles_AreNotReported(t *testing.T) {
	stack, _ := runCheck(t)
	role := awsiam.NewRole(stack, jsii.String("Deployer"), &awsiam.RoleProps{
		AssumedBy:       awsiam.NewAccountRootPrincipal(),
		ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("AdministratorAccess"))},
	})
	role.AddToPolicy(everything())
	synthSucceeds(t, stack)
}

func TestRoleGuard_ExactStatementAddedLater_IsAllowed(t *testing.T) {
	stack, f := runCheck(t)
	f.Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("sqs:SendMessage"), Resources: jsii.Strings("arn:aws:sqs:eu-west-2:111122223333:jobs"),
	}))
	synthSucceeds(t, stack)
}

func TestRoleGuard_StagesOfApp_AreChecked(t *testing.T) {
	app := awscdk.NewApp(nil)
	stage := awscdk.NewStage(app, jsii.String("Prod"), nil)
	stack := awscdk.NewStack(stage, jsii.String("Core"), nil)
	f := constructs.NewLeastPrivilegeFunction(stack, "Orders", &constructs.LeastPrivilegeFunctionProps{
		Name: "orders", Code: bootstrap(t),
	})
	f.Role.AddToPolicy(everything())
	synthFails(t, stack, "Prod/Core/Orders/Role/DefaultPolicy", `"Everything" allows`)
}
