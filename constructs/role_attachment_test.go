package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// elsewhere makes another stack of the app.
func elsewhere(stack awscdk.Stack) awscdk.Stack {
	return awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Other"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: stack.Account(), Region: stack.Region()},
	})
}

// abroad makes a stack of the same account in another region.
func abroad(stack awscdk.Stack) awscdk.Stack {
	return awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Abroad"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: stack.Account(), Region: jsii.String("us-east-1")},
	})
}

func TestRoleGuard_WildcardThroughFunction_FailsSynth(t *testing.T) {
	stack, f := runCheck(t)
	f.Function.AddToRolePolicy(everything())
	synthFails(t, stack, "Test/Orders/Role/DefaultPolicy", `"Everything" allows Action "dynamodb:*"`)
}

func TestRoleGuard_WildcardThroughAlias_FailsSynth(t *testing.T) {
	stack, f := runCheck(t)
	f.Alias.AddToRolePolicy(everything())
	synthFails(t, stack, "Test/Orders/Role/DefaultPolicy", `"Everything" allows Action "dynamodb:*"`)
}

func TestRoleGuard_CDKReadGrantOnBucket_FailsSynth(t *testing.T) {
	stack, f := runCheck(t)
	awss3.NewBucket(stack, jsii.String("Bucket"), nil).GrantRead(f.Function, nil)
	synthFails(t, stack, "Test/Orders/Role/DefaultPolicy", `allows Action "s3:GetObject*"`, `/*"`)
}

func TestRoleGuard_CDKReadGrantOnOtherStacksBucket_FailsSynth(t *testing.T) {
	stack, f := runCheck(t)
	awss3.NewBucket(elsewhere(stack), jsii.String("Bucket"), nil).GrantRead(f.Function, nil)
	synthFails(t, stack, `allows Action "s3:GetObject*"`)
}

func TestRoleGuard_EncryptedQueueOfCDK_FailsSynth(t *testing.T) {
	stack, f := runCheck(t)
	queue := awssqs.NewQueue(stack, jsii.String("Jobs"), &awssqs.QueueProps{EncryptionMasterKey: awskms.NewKey(stack, jsii.String("Key"), nil)})
	queue.GrantSendMessages(f.Alias)
	synthFails(t, stack, "Test/Orders/Role/DefaultPolicy", `allows Action "kms:GenerateDataKey*"`)
}

func TestRoleGuard_ManagedPolicyOfOtherStack_FailsSynth(t *testing.T) {
	stack, f := runCheck(t)
	awsiam.NewManagedPolicy(elsewhere(stack), jsii.String("Broad"), &awsiam.ManagedPolicyProps{
		Roles: &[]awsiam.IRole{f.Role}, Statements: &[]awsiam.PolicyStatement{everything()},
	})
	synthFails(t, stack, "Test/Orders/Role/Resource (", "has the managed policy Other/Broad/Resource")
}

func TestRoleGuard_WildcardByRoleName_FailsSynth(t *testing.T) {
	stack := newStack()
	constructs.NewLeastPrivilegeFunction(stack, "Orders", &constructs.LeastPrivilegeFunctionProps{
		Name: "orders", Code: bootstrap(t), RoleName: "orders-role",
	})
	other := elsewhere(stack)
	awsiam.Role_FromRoleName(other, jsii.String("Named"), jsii.String("orders-role"), nil).AddToPrincipalPolicy(everything())
	synthFails(t, stack, "Test/Orders/Role/Resource (", `"Everything" allows Action "dynamodb:*"`)
}

func TestRoleGuard_WildcardForImportedRole_FailsSynth(t *testing.T) {
	imports := map[string]func(scope awscdk.Stack, role awsiam.Role) awsiam.IRole{
		"by ARN": func(scope awscdk.Stack, role awsiam.Role) awsiam.IRole {
			return awsiam.Role_FromRoleArn(scope, jsii.String("Imported"), role.RoleArn(), nil)
		},
		"by name": func(scope awscdk.Stack, role awsiam.Role) awsiam.IRole {
			return awsiam.Role_FromRoleName(scope, jsii.String("Imported"), role.RoleName(), nil)
		},
	}
	for name, imported := range imports {
		t.Run(name, func(t *testing.T) {
			stack, f := runCheck(t)
			imported(elsewhere(stack), f.Role).AddToPrincipalPolicy(everything())
			synthFails(t, stack, "Test/Orders/Role/Resource (", `"Everything" allows Action "dynamodb:*"`)
		})
	}
}
