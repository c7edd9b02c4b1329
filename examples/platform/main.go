// Command platform is a plain CDK app of a company's platform team: a VPC, another
// app's table, and a topic that notifies the engineers on call. The app in the folder
// warehouse uses all three and owns none.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("platform"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(os.Getenv("CDK_DEFAULT_ACCOUNT")), Region: jsii.String("eu-west-2")},
	})
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{
		AvailabilityZones: jsii.Strings("eu-west-2a", "eu-west-2b"), NatGateways: jsii.Number(0),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{{Name: jsii.String("isolated"), SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED}},
		// CDK would add a custom resource, which the app does not need.
		RestrictDefaultSecurityGroup: jsii.Bool(false),
	})
	vpc.AddGatewayEndpoint(jsii.String("DynamoDB"), &awsec2.GatewayVpcEndpointOptions{Service: awsec2.GatewayVpcEndpointAwsService_DYNAMODB()})
	stock := awsdynamodb.NewTable(stack, jsii.String("Stock"), &awsdynamodb.TableProps{
		TableName:    jsii.String("platform-stock"),
		PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("item"), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:  awsdynamodb.BillingMode_PAY_PER_REQUEST,
	})
	awsssm.NewStringParameter(stack, jsii.String("StockTable"), &awsssm.StringParameterProps{
		ParameterName: jsii.String("/platform/stock-table"), StringValue: stock.TableName(),
	})
	awssns.NewTopic(stack, jsii.String("OnCall"), &awssns.TopicProps{TopicName: jsii.String("platform-on-call")})
	export(stack, "platform-vpc", vpc.VpcId())
	for i, subnet := range *vpc.IsolatedSubnets() {
		zone := []string{"a", "b"}[i]
		export(stack, "platform-subnet-"+zone, subnet.SubnetId())
		export(stack, "platform-routes-"+zone, subnet.RouteTable().RouteTableId())
	}
	app.Synth(nil)
}

func export(stack awscdk.Stack, name string, value *string) {
	awscdk.NewCfnOutput(stack, jsii.String("Export-"+name), &awscdk.CfnOutputProps{ExportName: jsii.String(name), Value: value})
}
