package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// EgressKind is how functions in the egress subnets reach the internet, and
// what that costs; docs/constructs/private-network.md compares the prices.
type EgressKind string

const (
	// NoEgress leaves the network without a way out: no internet gateway, no
	// egress subnets.
	NoEgress EgressKind = ""
	// NATGateway is one NAT gateway for all zones. When its zone fails, egress
	// fails.
	NATGateway EgressKind = "nat-gateway"
	// NATGatewayPerZone is a NAT gateway in each zone.
	NATGatewayPerZone EgressKind = "nat-gateway-per-zone"
	// NATInstance is one small EC2 instance for all zones: the cheapest way to
	// IPv4 hosts, of an availability that suits a development stage.
	NATInstance EgressKind = "nat-instance"
	// IPv6EgressOnly is an egress-only internet gateway: free by the hour, and
	// for hosts that have an IPv6 address only.
	IPv6EgressOnly EgressKind = "ipv6-egress-only"
)

var egressKinds = []EgressKind{NoEgress, NATGateway, NATGatewayPerZone, NATInstance, IPv6EgressOnly}

// PrivateNetworkProps are the props of NewPrivateNetwork.
type PrivateNetworkProps struct {
	// Name names the VPC, and the log group of its flow logs:
	// /aws/vpc/<Name>/flow-logs. 1 to 64 letters, digits, - and _. Required.
	Name string
	// CIDR is the VPC's IPv4 range, from /16 to /24. It is cut into 16 equal
	// subnets, of which those for other zones and kinds of egress stay free, so
	// that a later change renumbers nothing. Default: 10.0.0.0/16.
	CIDR string
	// Zones is the number of availability zones, 1 to 4. Default: 2, or as many
	// as ZoneNames has.
	Zones int
	// ZoneNames are the zones by name, such as eu-west-2a, where an endpoint's
	// service is not in each. Default: the first that the region has.
	ZoneNames []string
	// Egress is how functions reach the internet. Default: NoEgress.
	Egress EgressKind
	// Gateways are the services with a gateway endpoint, which is free.
	// Default: GatewayDynamoDB.
	Gateways []GatewayService
	// PrefixLists are the ids of the AWS-managed prefix lists of Gateways, such
	// as pl-b3a742da. Required in a region this package does not know them for.
	// Default: those of the stack's region.
	PrefixLists map[GatewayService]string
	// Endpoints are the services with an interface endpoint, which is charged
	// by the hour and zone. Default: none.
	Endpoints []EndpointService
	// FlowLogRetentionDays is how long flow logs are kept; CloudWatch Logs has
	// a fixed list of periods. Default: 30.
	FlowLogRetentionDays int
	// FlowLogKey encrypts the flow logs, for example a DataKey with
	// KeyServiceLogs. Default: none, CloudWatch Logs encrypts with a key of its
	// own.
	FlowLogKey awskms.IKey
	// RejectedFlowsOnly leaves accepted connections out of the flow logs.
	// Default: false, all are logged.
	RejectedFlowsOnly bool
	// KeepDefaultSecurityGroup leaves the rules AWS gives a VPC's default
	// security group, and so does without the function that removes them when
	// the stack is deployed. Default: false, they are removed.
	KeepDefaultSecurityGroup bool
	// Disposable lets the flow logs go with the stack. Default: false, they
	// stay until their retention ends.
	Disposable bool
}

// PrivateNetwork is a VPC for functions. In its isolated subnets a function
// reaches the network's endpoints and nothing else, whatever its code tries; in
// its egress subnets, if there are any, it reaches hosts on the internet by
// HTTPS. Nothing reaches a function.
//
// It is synthesized without asking AWS anything, so without credentials. CDK's
// own Vpc looks up the account's zones even when they are given, which is why
// the VPC is made of the resources below it.
type PrivateNetwork struct {
	constructs.Construct
	// Vpc is the VPC, with its isolated and egress subnets. The public subnets
	// of NAT gateways and instances are not in it: nothing else belongs there.
	Vpc awsec2.IVpc
	// IsolatedSubnets are the subnets of Isolated, one a zone.
	IsolatedSubnets []awsec2.ISubnet
	// EgressSubnets are the subnets of Egress, one a zone; none with NoEgress.
	EgressSubnets []awsec2.ISubnet
	// IsolatedGroup is the security group of Isolated.
	IsolatedGroup awsec2.SecurityGroup
	// EgressGroup is the security group of Egress; nil with NoEgress.
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

// Isolated places a function where it reaches the network's endpoints only.
func (n *PrivateNetwork) Isolated() *FunctionNetwork {
	return &FunctionNetwork{
		Vpc:            n.Vpc,
		Subnets:        &awsec2.SubnetSelection{Subnets: &n.IsolatedSubnets},
		SecurityGroups: []awsec2.ISecurityGroup{n.IsolatedGroup},
	}
}

// Egress places a function where it reaches the network's endpoints and, by
// HTTPS, the internet. It panics with a *PropsError if the network has NoEgress.
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

// addSecurityGroups makes the functions' groups. Whom they may connect to is
// said where that is made; nobody may connect to them.
func (n *PrivateNetwork) addSecurityGroups() {
	n.IsolatedGroup = n.newSecurityGroup("IsolatedGroup", "Functions that reach the endpoints only")
	if n.props.Egress != NoEgress {
		n.EgressGroup = n.newSecurityGroup("EgressGroup", "Functions that reach the endpoints and the internet")
	}
}

// newSecurityGroup makes a group that allows nothing. The rule to nowhere stays:
// a group without a rule of its own for what goes out gets one from AWS that
// allows everything, and CDK writes rules for other groups and for prefix lists
// beside the group.
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

// functionGroups are the groups whose members use the endpoints.
func (n *PrivateNetwork) functionGroups() []awsec2.SecurityGroup {
	if n.EgressGroup == nil {
		return []awsec2.SecurityGroup{n.IsolatedGroup}
	}
	return []awsec2.SecurityGroup{n.IsolatedGroup, n.EgressGroup}
}
