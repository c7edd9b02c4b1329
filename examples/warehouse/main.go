// Command warehouse is a CDK app of a team that owns few resources. Its function runs
// in another team's VPC, reads another team's table, and sends alarms to another team's
// topic (the app in the folder platform).
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	policy.Attach(app, &policy.Props{Disposable: true})
	stack := awscdk.NewStack(app, jsii.String("warehouse"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(os.Getenv("CDK_DEFAULT_ACCOUNT")), Region: jsii.String("eu-west-2")},
	})
	addCount(stack)
	app.Synth(nil)
}

// addCount adds the function that returns the stock of an item.
func addCount(stack awscdk.Stack) {
	stock := constructs.ImportSecureTable(stack, "Stock", &constructs.ImportedTableProps{NameParameter: "/platform/stock-table"})
	onCall := awssns.Topic_FromTopicArn(stack, jsii.String("OnCall"), stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("sns"), Resource: jsii.String("platform-on-call"),
	}))
	logs := constructs.NewDataKey(stack, "LogKey", &constructs.DataKeyProps{
		Alias: "warehouse/logs", Services: []constructs.KeyService{constructs.KeyServiceLogs}, Disposable: true,
	})
	count := constructs.NewMonitoredFunction(stack, "Count", &constructs.MonitoredFunctionProps{
		Function: constructs.LeastPrivilegeFunctionProps{
			Name:         "warehouse-count",
			Code:         constructs.GoBundle{Package: "./function", OutputDir: "../../.build/examples"},
			Architecture: constructs.Architecture(os.Getenv("EXAMPLE_ARCHITECTURE")),
			Grants:       []constructs.Grant{stock.Allow(constructs.GetItem)},
			Environment:  map[string]string{"STOCK_TABLE": *stock.Table.TableName()},
			Network:      network(stack),
			LogKey:       logs.Key,
			Disposable:   true,
		},
		Alarms: constructs.FunctionAlarms{Route: constructs.AlarmRoute{
			Target:     constructs.ExistingTopic{Topic: onCall},
			RunbookURL: "https://wiki.warehouse.example/count",
		}},
	})
	policy.Accept(count, "NIST.800.53.R5-LambdaDLQ", "Its callers wait for the answer.")
	policy.Accept(count, "NIST.800.53.R5-LambdaConcurrency", "Its callers are few, and they are functions of this team.")
	policy.Accept(count, "NIST.800.53.R5-IAMNoInlinePolicy", "A role of one function has its policy in it; a managed one could be attached elsewhere.")
	policy.Accept(count, "AwsSolutions-IAM5", "policy::wildcard judges every wildcard more exactly.")
}

// network returns the platform's isolated subnets. From there the function reaches only
// the gateway endpoint of DynamoDB, over HTTPS.
func network(stack awscdk.Stack) *constructs.FunctionNetwork {
	vpc := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId:             awscdk.Fn_ImportValue(jsii.String("platform-vpc")),
		AvailabilityZones: jsii.Strings("eu-west-2a", "eu-west-2b"),
		IsolatedSubnetIds: &[]*string{
			awscdk.Fn_ImportValue(jsii.String("platform-subnet-a")), awscdk.Fn_ImportValue(jsii.String("platform-subnet-b")),
		},
		IsolatedSubnetRouteTableIds: &[]*string{
			awscdk.Fn_ImportValue(jsii.String("platform-routes-a")), awscdk.Fn_ImportValue(jsii.String("platform-routes-b")),
		},
	})
	group := awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{
		Vpc: vpc, AllowAllOutbound: jsii.Bool(false), Description: jsii.String("The function that counts the stock"),
	})
	group.AddEgressRule(awsec2.Peer_PrefixList(jsii.String("pl-b3a742da")), awsec2.Port_Tcp(jsii.Number(443)), jsii.String("DynamoDB in eu-west-2"), nil)
	return &constructs.FunctionNetwork{
		Vpc:            vpc,
		Subnets:        &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED},
		SecurityGroups: []awsec2.ISecurityGroup{group},
	}
}
