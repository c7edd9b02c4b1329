// Command adopt takes over resources that another tool made and released: a table, a
// log group and a function, with their names and their content. The pages of
// SecureTable, RetainedLogGroup and LeastPrivilegeFunction explain the steps. Each step
// is one value of the context "step".
package main

import (
	"os"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// steps are the states of the app in the order of deployment.
var steps = []string{"key", "table", "log", "function", "version"}

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	step, _ := app.Node().TryGetContext(jsii.String("step")).(string)
	reached := func(s string) bool { return slices.Index(steps, s) <= slices.Index(steps, step) }
	stack := awscdk.NewStack(app, jsii.String("adopt"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(os.Getenv("CDK_DEFAULT_ACCOUNT")), Region: jsii.String("eu-west-2")},
	})
	key := constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{
		Alias: "adopt", Services: []constructs.KeyService{constructs.KeyServiceDynamoDB}, Disposable: true,
	})
	if reached("table") {
		constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{
			Name: "adopt-users", PartitionKey: constructs.TableKey{Name: "userId"}, EncryptionKey: key.Key,
		})
	}
	if reached("log") {
		constructs.NewRetainedLogGroup(stack, "Jobs", &constructs.RetainedLogGroupProps{Name: "/adopt/jobs"})
	}
	if reached("function") {
		addFunction(stack, reached("version"))
	}
	app.Synth(nil)
}

func addFunction(stack awscdk.Stack, newVersion bool) {
	props := &constructs.LeastPrivilegeFunctionProps{
		Name:         "adopt-greet",
		Code:         constructs.GoBundle{Package: "./function", OutputDir: "../../.build/examples"},
		Architecture: constructs.Architecture(os.Getenv("EXAMPLE_ARCHITECTURE")),
	}
	if newVersion {
		props.Description = "Greets; adopted"
	}
	f := constructs.NewLeastPrivilegeFunction(stack, "Greet", props)
	f.Function.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN) // CloudFormation requires it for an import
}
