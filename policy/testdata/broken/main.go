// The app that exit_test.go runs: each argument breaks it in one way.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

func main() {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{
		"@aws-cdk/core:validateAgainstDefaultRules":   true,
		"@aws-cdk/core:annotationsInValidationReport": true,
	}})
	defer policy.ExitOnFailure(app)
	policy.Attach(app, &policy.Props{Disposable: true, Packs: []policy.Pack{policy.AwsSolutions}, PassedDir: os.Getenv("PASSED")})
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
	for _, way := range os.Args[1:] {
		ways[way](stack)
	}
	app.Synth(nil)
}

var ways = map[string]func(stack awscdk.Stack){
	"nothing": func(stack awscdk.Stack) {
		awscdk.NewCfnWaitConditionHandle(stack, jsii.String("Handle"), &awscdk.CfnWaitConditionHandleProps{})
	},
	"rule": func(stack awscdk.Stack) {
		awslogs.NewCfnLogGroup(stack, jsii.String("Log"), &awslogs.CfnLogGroupProps{})
	},
	"nag": func(stack awscdk.Stack) {
		awssqs.NewCfnQueue(stack, jsii.String("Jobs"), &awssqs.CfnQueueProps{RedrivePolicy: map[string]any{"maxReceiveCount": 3}})
	},
	"granular": func(stack awscdk.Stack) {
		awsiam.NewPolicy(stack, jsii.String("Reads"), &awsiam.PolicyProps{
			Users:      &[]awsiam.IUser{awsiam.NewUser(stack, jsii.String("Ada"), nil)},
			Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("s3:Get*"), Resources: jsii.Strings("arn:aws:s3:::b")})},
		})
	},
	"validator": func(stack awscdk.Stack) {
		awssqs.NewCfnQueue(stack, jsii.String("Queue"), &awssqs.CfnQueueProps{}).AddPropertyOverride(jsii.String("Nonsense"), 3)
	},
	"role": func(stack awscdk.Stack) {
		code := constructs.BootstrapFolder(os.Getenv("BOOTSTRAP"))
		f := constructs.NewLeastPrivilegeFunction(stack, "Orders", &constructs.LeastPrivilegeFunctionProps{Name: "orders", Code: code})
		f.Role.AddManagedPolicy(awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("AdministratorAccess")))
	},
	"props": func(stack awscdk.Stack) {
		constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{RecoveryDays: 90})
	},
	"cdk": func(stack awscdk.Stack) {
		awscdk.NewCfnOutput(stack, jsii.String("Shop"), &awscdk.CfnOutputProps{Value: jsii.String("v")})
		awscdk.NewCfnOutput(stack, jsii.String("Shop"), &awscdk.CfnOutputProps{Value: jsii.String("v")})
	},
	"bug": func(awscdk.Stack) {
		var nothing *constructs.LeastPrivilegeFunction
		nothing.Role.RoleName()
	},
}
