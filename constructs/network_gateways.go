package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
)

// GatewayService is a service with a gateway endpoint, which is a free route.
// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
type GatewayService string

// The services with gateway endpoints.
const (
	GatewayDynamoDB GatewayService = "dynamodb"
	GatewayS3       GatewayService = "s3"
)

// prefixLists are the ids of the AWS-managed prefix lists by region. A security
// group needs the id to name a gateway endpoint's addresses. CloudFormation does
// not know the ids. AWS lists them by API only: aws ec2
// describe-managed-prefix-lists. A wrong id fails the deployment, or allows
// addresses to which an isolated subnet has no route.
// https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
var prefixLists = map[GatewayService]map[string]string{
	GatewayDynamoDB: {
		"ap-northeast-1": "pl-78a54011", "ap-northeast-2": "pl-48a54021", "ap-south-1": "pl-66a7420f",
		"ap-southeast-1": "pl-67a5400e", "ap-southeast-2": "pl-62a5400b", "ca-central-1": "pl-4ea54027",
		"eu-central-1": "pl-66a5400f", "eu-north-1": "pl-adae4bc4", "eu-west-1": "pl-6fa54006",
		"eu-west-2": "pl-b3a742da", "eu-west-3": "pl-abb451c2", "sa-east-1": "pl-60a54009",
		"us-east-1": "pl-02cd2c6b", "us-east-2": "pl-4ca54025", "us-west-1": "pl-6ea54007", "us-west-2": "pl-00a54069",
	},
	GatewayS3: {
		"ap-northeast-1": "pl-61a54008", "ap-northeast-2": "pl-78a54011", "ap-south-1": "pl-78a54011",
		"ap-southeast-1": "pl-6fa54006", "ap-southeast-2": "pl-6ca54005", "ca-central-1": "pl-7da54014",
		"eu-central-1": "pl-6ea54007", "eu-north-1": "pl-c3aa4faa", "eu-west-1": "pl-6da54004",
		"eu-west-2": "pl-7ca54015", "eu-west-3": "pl-23ad484a", "sa-east-1": "pl-6aa54003",
		"us-east-1": "pl-63a5400a", "us-east-2": "pl-7ba54012", "us-west-1": "pl-6ba54002", "us-west-2": "pl-68a54001",
	},
}

// gatewayActions are the actions that a gateway endpoint allows.
var gatewayActions = map[GatewayService][]string{
	GatewayDynamoDB: {
		"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem",
		"dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan",
		"dynamodb:UpdateItem",
	},
	GatewayS3: {
		"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject",
	},
}

// addGatewayEndpoints routes the gateways' services from all private subnets and
// lets the functions' groups connect to them.
func (n *PrivateNetwork) addGatewayEndpoints() {
	services := map[GatewayService]awsec2.GatewayVpcEndpointAwsService{
		GatewayDynamoDB: awsec2.GatewayVpcEndpointAwsService_DYNAMODB(),
		GatewayS3:       awsec2.GatewayVpcEndpointAwsService_S3(),
	}
	subnets := []*awsec2.SubnetSelection{{Subnets: &n.IsolatedSubnets}}
	if len(n.EgressSubnets) > 0 {
		subnets = append(subnets, &awsec2.SubnetSelection{Subnets: &n.EgressSubnets})
	}
	for _, service := range n.props.Gateways {
		endpoint := awsec2.NewGatewayVpcEndpoint(n, jsii.String(camelCase(string(service), "gateway")), &awsec2.GatewayVpcEndpointProps{
			Vpc: n.Vpc, Service: services[service], Subnets: &subnets,
		})
		endpoint.AddToPolicy(n.allowWithinAccount("OfTheAccount", gatewayActions[service], "aws:PrincipalAccount", "aws:ResourceAccount"))
		addresses := awsec2.Peer_PrefixList(jsii.String(n.props.PrefixLists[service]))
		for _, functions := range n.functionGroups() {
			functions.AddEgressRule(addresses, awsec2.Port_HTTPS(), jsii.String("HTTPS to "+string(service)), nil)
		}
	}
}
