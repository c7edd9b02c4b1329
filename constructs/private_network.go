package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// EgressKind says how functions in the egress subnets reach the internet.
// docs/constructs/private-network.md compares the prices.
type EgressKind string

const (
	// NoEgress makes a network without internet access: no internet gateway and no
	// egress subnets.
	NoEgress EgressKind = ""
	// NATGateway is one NAT gateway for all zones. If its zone fails, egress fails.
	NATGateway EgressKind = "nat-gateway"
	// NATGatewayPerZone is a NAT gateway in each zone.
	NATGatewayPerZone EgressKind = "nat-gateway-per-zone"
	// NATInstance is one small EC2 instance for all zones. It is the cheapest
	// access to IPv4 hosts. Its availability suits a development stage.
	NATInstance EgressKind = "nat-instance"
	// IPv6EgressOnly is an egress-only internet gateway, which has no hourly
	// charge. It reaches only hosts with an IPv6 address.
	IPv6EgressOnly EgressKind = "ipv6-egress-only"
)

var egressKinds = []EgressKind{NoEgress, NATGateway, NATGatewayPerZone, NATInstance, IPv6EgressOnly}

// PrivateNetworkProps are the props of NewPrivateNetwork.
type PrivateNetworkProps struct {
	// Name is the VPC's name and part of its flow logs' name:
	// /aws/vpc/<Name>/flow-logs. 1 to 64 letters, digits, - and _. Required.
	Name string
	// CIDR is the VPC's IPv4 range, from /16 to /24. It is divided into 16 equal
	// subnets. Unused subnets stay free for other zones and kinds of egress, so a
	// later change keeps all ranges. Default: 10.0.0.0/16.
	CIDR string
	// Zones is the number of availability zones, 1 to 4. Default: 2, or the number
	// of ZoneNames.
	Zones int
	// ZoneNames are the names of the zones, such as eu-west-2a. Give them if an
	// endpoint's service is not available in every zone. Default: the region's
	// first zones.
	ZoneNames []string
	// Egress is how functions reach the internet. Default: NoEgress.
	Egress EgressKind
	// Gateways are the services with a gateway endpoint, which is free. Default:
	// GatewayDynamoDB.
	Gateways []GatewayService
	// PrefixLists are the ids of the AWS-managed prefix lists of Gateways, such as
	// pl-b3a742da. Required in a region whose ids this package does not know.
	// Default: the ids of the stack's region.
	PrefixLists map[GatewayService]string
	// Endpoints are the services with an interface endpoint. AWS charges for each
	// endpoint by the hour and zone. Default: none.
	Endpoints []EndpointService
	// FlowLogRetentionDays is how many days flow logs are kept. CloudWatch Logs has
	// a fixed list of periods. Default: 30.
	FlowLogRetentionDays int
	// FlowLogKey encrypts the flow logs, for example a DataKey with KeyServiceLogs.
	// Default: none, CloudWatch Logs uses its own key.
	FlowLogKey awskms.IKey
	// RejectedFlowsOnly leaves accepted connections out of the flow logs. Default:
	// false, all connections are logged.
	RejectedFlowsOnly bool
	// KeepDefaultSecurityGroup keeps AWS's rules of the VPC's default security
	// group. The network then needs no function that removes them at deployment.
	// Default: false, the rules are removed.
	KeepDefaultSecurityGroup bool
	// Disposable deletes the flow logs with the stack. Default: false, the logs
	// stay until their retention ends.
	Disposable bool
}

// PrivateNetwork is a VPC for functions. In its isolated subnets a function reaches
// only the network's endpoints, whatever its code tries. In its egress subnets a
// function also reaches internet hosts by HTTPS. No host can open a connection to a
// function.
//
// Synthesis calls no AWS API and needs no credentials. CDK's own Vpc looks up the
// account's zones even when they are given, so this VPC is made of L1 resources.
type PrivateNetwork struct {
	constructs.Construct
	// Vpc is the VPC with its isolated and egress subnets. It leaves out the public
	// subnets, which are for NAT gateways and instances only.
	Vpc awsec2.IVpc
	// IsolatedSubnets are the subnets of Isolated, one in each zone.
	IsolatedSubnets []awsec2.ISubnet
	// EgressSubnets are the subnets of Egress, one in each zone. It is empty with
	// NoEgress.
	EgressSubnets []awsec2.ISubnet
	// IsolatedGroup is the security group of Isolated.
	IsolatedGroup awsec2.SecurityGroup
	// EgressGroup is the security group of Egress, nil with NoEgress.
	EgressGroup awsec2.SecurityGroup

	props     PrivateNetworkProps
	cfnVpc    awsec2.CfnVPC
	ipv6      awsec2.CfnVPCCidrBlock // nil without IPv6
	endpoints map[EndpointService]awsec2.InterfaceVpcEndpoint
}

// NewPrivateNetwork makes a PrivateNetwork. It panics with a *PropsError on
// invalid props.
func NewPrivateNetwork(scope constructs.Construct, id string, props *PrivateNetworkProps) *PrivateNetwork {
	p := props.withDefaults(awscdk.Stack_Of(scope))
	p.validate(awscdk.Stack_Of(scope)).panicIfAny("PrivateNetwork", scope, id)

	n := &PrivateNetwork{props: p, endpoints: map[EndpointService]awsec2.InterfaceVpcEndpoint{}}
	constructs.NewConstruct_Override(n, scope, jsii.String(id))
	n.addVpc()
	n.addSecurityGroups()
	n.addEgress()
	n.addGatewayEndpoints()
	n.addInterfaceEndpoints()
	n.addFlowLogs()
	if !p.KeepDefaultSecurityGroup {
		n.emptyDefaultSecurityGroup()
	}
	return n
}

// Isolated returns the network settings of a function that reaches only the
// network's endpoints.
func (n *PrivateNetwork) Isolated() *FunctionNetwork {
	return &FunctionNetwork{
		Vpc:            n.Vpc,
		Subnets:        &awsec2.SubnetSelection{Subnets: &n.IsolatedSubnets},
		SecurityGroups: []awsec2.ISecurityGroup{n.IsolatedGroup},
	}
}

// Egress returns the network settings of a function that reaches the network's
// endpoints and, by HTTPS, the internet. It panics with a *PropsError if the
// network has NoEgress.
func (n *PrivateNetwork) Egress() *FunctionNetwork {
	var bad problems
	bad.require(n.props.Egress != NoEgress, "Egress", "the network has none; choose an EgressKind, or place the function by Isolated")
	bad.panicIfAny("PrivateNetwork.Egress", n, "")
	return &FunctionNetwork{
		Vpc:            n.Vpc,
		Subnets:        &awsec2.SubnetSelection{Subnets: &n.EgressSubnets},
		SecurityGroups: []awsec2.ISecurityGroup{n.EgressGroup},
		IPv6:           n.props.Egress == IPv6EgressOnly,
	}
}

// addSecurityGroups makes the functions' groups, which accept no connections. The
// methods that make endpoints and gateways add the rules for outgoing connections.
func (n *PrivateNetwork) addSecurityGroups() {
	n.IsolatedGroup = n.newSecurityGroup("IsolatedGroup", "Functions that reach the endpoints only")
	if n.props.Egress != NoEgress {
		n.EgressGroup = n.newSecurityGroup("EgressGroup", "Functions that reach the endpoints and the internet")
	}
}

// newSecurityGroup makes a group that allows no connection. The rule for 127.0.0.1
// must stay, because AWS adds a rule that allows everything to a group without an
// egress rule of its own. CDK writes rules for other groups and for prefix lists as
// separate resources, which do not count.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html
func (n *PrivateNetwork) newSecurityGroup(id, description string) awsec2.SecurityGroup {
	group := awsec2.NewSecurityGroup(n, jsii.String(id), &awsec2.SecurityGroupProps{
		Vpc:              n.Vpc,
		Description:      jsii.String(description + " (" + n.props.Name + ")"),
		AllowAllOutbound: jsii.Bool(false),
	})
	group.AddEgressRule(awsec2.Peer_Ipv4(jsii.String("127.0.0.1/32")), awsec2.Port_HTTPS(), jsii.String("Nothing unless another rule says so"), nil)
	return group
}

// functionGroups returns the groups whose functions use the endpoints.
func (n *PrivateNetwork) functionGroups() []awsec2.SecurityGroup {
	if n.EgressGroup == nil {
		return []awsec2.SecurityGroup{n.IsolatedGroup}
	}
	return []awsec2.SecurityGroup{n.IsolatedGroup, n.EgressGroup}
}
