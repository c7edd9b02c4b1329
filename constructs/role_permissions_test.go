package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/customresources"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// family is a stack, a stack nested in it, one nested in that, and a sibling.
func family(stack awscdk.Stack) map[string]awscdk.Stack {
	nested := awscdk.NewNestedStack(stack, jsii.String("Inner"), nil)
	return map[string]awscdk.Stack{
		"parent":  stack,
		"nested":  nested,
		"deeper":  awscdk.NewNestedStack(nested, jsii.String("Deep"), nil),
		"sibling": awscdk.NewNestedStack(stack, jsii.String("Sibling"), nil),
	}
}

func guardedIn(t *testing.T, scope awscdk.Stack) *constructs.LeastPrivilegeFunction {
	t.Helper()
	return constructs.NewLeastPrivilegeFunction(scope, "Orders", &constructs.LeastPrivilegeFunctionProps{Name: "orders", Code: bootstrap(t)})
}

// Each way to attach a policy with wildcards to a function's role, from any
// stack of the family to any other.
func TestRoleGuard_PolicyOfAnotherNestedStack_IsCaught(t *testing.T) {
	ways := map[string]struct {
		attach func(scope awscdk.Stack, role awsiam.Role)
		want   string
	}{
		"managed policy": {func(scope awscdk.Stack, role awsiam.Role) {
			awsiam.NewManagedPolicy(scope, jsii.String("Broad"), &awsiam.ManagedPolicyProps{
				Roles: &[]awsiam.IRole{role}, Statements: &[]awsiam.PolicyStatement{everything()},
			})
		}, "has the managed policy %s/Broad/Resource"},
		"policy": {func(scope awscdk.Stack, role awsiam.Role) {
			awsiam.NewPolicy(scope, jsii.String("Broad"), &awsiam.PolicyProps{
				Roles: &[]awsiam.IRole{role}, Statements: &[]awsiam.PolicyStatement{everything()},
			})
		}, `policy %s/Broad/Resource: statement "Everything" allows Action "dynamodb:*"`},
		"role policy": {func(scope awscdk.Stack, role awsiam.Role) {
			awsiam.NewCfnRolePolicy(scope, jsii.String("Broad"), &awsiam.CfnRolePolicyProps{
				PolicyName: jsii.String("Broad"), RoleName: role.RoleName(), PolicyDocument: document(),
			})
		}, `policy %s/Broad: statement "Everything" allows Action "dynamodb:*"`},
		"by the ARN's last part": {func(scope awscdk.Stack, role awsiam.Role) {
			name := awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String("/"), role.RoleArn(), nil))
			awsiam.NewCfnPolicy(scope, jsii.String("Broad"), &awsiam.CfnPolicyProps{
				PolicyName: jsii.String("Broad"), Roles: &[]*string{name}, PolicyDocument: document(),
			})
		}, `policy %s/Broad: statement "Everything" allows Action "dynamodb:*"`},
		"in a text": {func(scope awscdk.Stack, role awsiam.Role) {
			name := awscdk.Fn_Sub(jsii.String("${Name}"), &map[string]*string{"Name": role.RoleName()})
			awsiam.NewCfnPolicy(scope, jsii.String("Broad"), &awsiam.CfnPolicyProps{
				PolicyName: jsii.String("Broad"), Roles: &[]*string{name}, PolicyDocument: document(),
			})
		}, `policy %s/Broad: statement "Everything" allows Action "dynamodb:*"`},
		"imported": {func(scope awscdk.Stack, role awsiam.Role) {
			awsiam.Role_FromRoleArn(scope, jsii.String("Imported"), role.RoleArn(), nil).AddToPrincipalPolicy(everything())
		}, `policy %s/Imported/Policy/Resource: statement "Everything" allows Action "dynamodb:*"`},
	}
	for way, w := range ways {
		t.Run(way, func(t *testing.T) {
			for _, home := range []string{"parent", "nested", "deeper", "sibling"} {
				for _, away := range []string{"parent", "nested", "deeper", "sibling"} {
					if way == "imported" && home == away {
						continue // CDK gives the role itself
					}
					stack := newStack()
					stacks := family(stack)
					f := guardedIn(t, stacks[home])
					w.attach(stacks[away], f.Role)
					synthFails(t, stack, *f.Role.Node().Path(), fmt.Sprintf(w.want, *stacks[away].Node().Path()))
				}
			}
		})
	}
}

// document is everything as a template writes it.
func document() any {
	return map[string]any{"Statement": []any{everything().ToStatementJson()}}
}

func TestRoleGuard_ManagedPolicyOfAnotherRegion_IsCaught(t *testing.T) {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Home"), &awscdk.StackProps{
		CrossRegionReferences: jsii.Bool(true), Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-2")},
	})
	f := guardedIn(t, stack)
	far := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Far"), &awscdk.StackProps{
		CrossRegionReferences: jsii.Bool(true), Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("us-east-1")},
	})
	awsiam.NewManagedPolicy(far, jsii.String("Broad"), &awsiam.ManagedPolicyProps{
		Roles: &[]awsiam.IRole{f.Role}, Statements: &[]awsiam.PolicyStatement{everything()},
	})
	synthFails(t, stack, "Home/Orders/Role/Resource (", "has the managed policy Far/Broad/Resource")
}

func TestRoleGuard_WildcardHandedInByTheParent_IsCaught(t *testing.T) {
	stack := newStack()
	nested := awscdk.NewNestedStack(stack, jsii.String("Inner"), &awscdk.NestedStackProps{Parameters: &map[string]*string{"Tables": jsii.String("*")}})
	parameter := awscdk.NewCfnParameter(nested, jsii.String("Tables"), nil)
	guardedIn(t, nested).Role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("Read"), Actions: jsii.Strings("dynamodb:GetItem"), Resources: &[]*string{parameter.ValueAsString()},
	}))
	synthFails(t, stack, `statement "Read" allows Resource "*"`)
}

func TestRoleGuard_PropertyOverride_IsCaught(t *testing.T) {
	stack, f := runCheck(t)
	var role awsiam.CfnRole
	jsii.UnsafeCast(f.Role.Node().DefaultChild(), &role)
	role.AddPropertyOverride(jsii.String("ManagedPolicyArns"), jsii.Strings("arn:aws:iam::aws:policy/AdministratorAccess"))
	synthFails(t, stack, "has the managed policy arn:aws:iam::aws:policy/AdministratorAccess")
}

func TestRoleGuard_WildcardInAResourcePolicy_IsCaught(t *testing.T) {
	for name, principal := range map[string]func(role awsiam.Role) awsiam.IPrincipal{
		"to the role": func(role awsiam.Role) awsiam.IPrincipal { return awsiam.NewArnPrincipal(role.RoleArn()) },
		"to anybody who is the role": func(role awsiam.Role) awsiam.IPrincipal {
			return awsiam.NewStarPrincipal().WithConditions(&map[string]any{"ArnEquals": map[string]any{"aws:PrincipalArn": role.RoleArn()}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack, f := runCheck(t)
			bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
			bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Sid: jsii.String("Open"), Actions: jsii.Strings("s3:*"), Resources: &[]*string{bucket.BucketArn()},
				Principals: &[]awsiam.IPrincipal{principal(f.Role)},
			}))
			synthFails(t, stack, `resource policy Test/Bucket/Policy/Resource: statement "Open" allows Action "s3:*"`)
		})
	}
}

func TestRoleGuard_CallToIAM_IsCaught(t *testing.T) {
	stack, f := runCheck(t)
	customresources.NewAwsCustomResource(stack, jsii.String("Attach"), &customresources.AwsCustomResourceProps{
		OnCreate: &customresources.AwsSdkCall{
			Service: jsii.String("IAM"), Action: jsii.String("attachRolePolicy"), PhysicalResourceId: customresources.PhysicalResourceId_Of(jsii.String("a")),
			Parameters: map[string]any{"RoleName": f.Role.RoleName(), "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
		},
		Policy: customresources.AwsCustomResourcePolicy_FromSdkCalls(&customresources.SdkCallsPolicyOptions{Resources: &[]*string{f.Role.RoleArn()}}),
	})
	synthFails(t, stack, "is changed by calls to IAM of Test/Attach/Resource/Default")
}

func TestRoleGuard_RoleHandedToATemplateOfOthers_IsCaught(t *testing.T) {
	stack, f := runCheck(t)
	awscdk.NewCfnStack(stack, jsii.String("Foreign"), &awscdk.CfnStackProps{
		TemplateUrl: jsii.String("https://example.com/template.json"), Parameters: &map[string]*string{"Role": f.Role.RoleName()},
	})
	synthFails(t, stack, "is handed to Test/Foreign, whose template is not of the app")
}

func TestRoleGuard_RoleOfThatNameInAnotherAccount_IsNotMistaken(t *testing.T) {
	stack := newStack()
	constructs.NewLeastPrivilegeFunction(stack, "Orders", &constructs.LeastPrivilegeFunctionProps{Name: "orders", Code: bootstrap(t), RoleName: "orders-role"})
	other := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Other"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("444455556666"), Region: stack.Region()},
	})
	awsiam.Role_FromRoleName(other, jsii.String("Named"), jsii.String("orders-role"), nil).AddToPrincipalPolicy(everything())
	synthSucceeds(t, stack)
}

func TestRoleGuard_RoleOutsideAnApp_FailsSynthesis(t *testing.T) {
	stage := awscdk.NewStage(awsconstructs.NewRootConstruct(nil), jsii.String("Alone"), &awscdk.StageProps{Outdir: jsii.String(t.TempDir())})
	guardedIn(t, awscdk.NewStack(stage, jsii.String("Core"), nil))
	message := fmt.Sprint(panicOf(func() { stage.Synth(nil) }))
	if want := "cannot be checked for least privilege outside an awscdk.App"; !strings.Contains(message, want) {
		t.Errorf("synthesis said %q", message)
	}
}
