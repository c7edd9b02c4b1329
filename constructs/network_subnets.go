package constructs

import (
	"fmt"
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// networkTier is a group of subnets, one in each zone. Its number decides the
// subnets' ranges and must never change.
type networkTier int

const (
	isolatedTier networkTier = iota
	egressTier
	publicTier
)

// addVpc makes the VPC with its isolated and egress subnets. The VPC is an L1,
// because CDK's Vpc looks up the account's zones even when they are given. Its
// subnets are L2.
func (n *PrivateNetwork) addVpc() {
	n.cfnVpc = awsec2.NewCfnVPC(n, jsii.String("Vpc"), &awsec2.CfnVPCProps{
		CidrBlock:          jsii.String(n.props.CIDR),
		EnableDnsHostnames: jsii.Bool(true), // private names of interface endpoints need both
		EnableDnsSupport:   jsii.Bool(true),
		Tags:               &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: jsii.String(n.props.Name)}},
	})
	attributes := &awsec2.VpcAttributes{
		VpcId:             n.cfnVpc.Ref(),
		VpcCidrBlock:      n.cfnVpc.AttrCidrBlock(),
		AvailabilityZones: jsii.Strings(n.zones()...),
	}
	n.IsolatedSubnets = n.privateSubnets("Isolated", isolatedTier, false)
	attributes.IsolatedSubnetIds, attributes.IsolatedSubnetRouteTableIds = idsOf(n.IsolatedSubnets)
	if n.props.Egress != NoEgress {
		n.addIPv6Block()
		n.EgressSubnets = n.privateSubnets("Egress", egressTier, n.ipv6 != nil)
		attributes.PrivateSubnetIds, attributes.PrivateSubnetRouteTableIds = idsOf(n.EgressSubnets)
	}
	n.Vpc = awsec2.Vpc_FromVpcAttributes(n, jsii.String("Network"), attributes)
}

// zones returns the names of the zones, or references to the region's first zones.
func (n *PrivateNetwork) zones() []string {
	if len(n.props.ZoneNames) > 0 {
		return n.props.ZoneNames
	}
	zones := make([]string, n.props.Zones)
	for i := range zones {
		zones[i] = *awscdk.Fn_Select(jsii.Number(i), awscdk.Fn_GetAzs(nil))
	}
	return zones
}

// addIPv6Block gives the VPC an IPv6 range if egress needs one. It is an L1 because
// CDK offers an L2 only inside its own Vpc.
func (n *PrivateNetwork) addIPv6Block() {
	if n.props.Egress == IPv6EgressOnly {
		n.ipv6 = awsec2.NewCfnVPCCidrBlock(n, jsii.String("IPv6Block"), &awsec2.CfnVPCCidrBlockProps{
			VpcId:                       n.cfnVpc.Ref(),
			AmazonProvidedIpv6CidrBlock: jsii.Bool(true),
		})
	}
}

// privateSubnets makes the subnets of a tier. They have no public addresses, and
// IPv6 addresses only if ipv6 is true.
func (n *PrivateNetwork) privateSubnets(name string, tier networkTier, ipv6 bool) []awsec2.ISubnet {
	subnets := make([]awsec2.ISubnet, n.props.Zones)
	for i, zone := range n.zones() {
		props := &awsec2.PrivateSubnetProps{
			VpcId:            n.cfnVpc.Ref(),
			AvailabilityZone: jsii.String(zone),
			CidrBlock:        jsii.String(n.subnetRange(tier, i)),
		}
		if ipv6 {
			props.Ipv6CidrBlock = n.ipv6Range(tier, i)
			props.AssignIpv6AddressOnCreation = jsii.Bool(true)
		}
		subnet := awsec2.NewPrivateSubnet(n, jsii.String(fmt.Sprintf("%sSubnet%d", name, i+1)), props)
		if ipv6 {
			subnet.Node().AddDependency(n.ipv6)
		}
		subnets[i] = subnet
	}
	return subnets
}

// publicSubnet makes the subnet of a NAT. Resources in it get a public address only
// on request.
func (n *PrivateNetwork) publicSubnet(zone int, internet awsec2.CfnInternetGateway, attached constructs.IDependable) awsec2.PublicSubnet {
	subnet := awsec2.NewPublicSubnet(n, jsii.String(fmt.Sprintf("PublicSubnet%d", zone+1)), &awsec2.PublicSubnetProps{
		VpcId:               n.cfnVpc.Ref(),
		AvailabilityZone:    jsii.String(n.zones()[zone]),
		CidrBlock:           jsii.String(n.subnetRange(publicTier, zone)),
		MapPublicIpOnLaunch: jsii.Bool(false),
	})
	subnet.AddDefaultInternetRoute(internet.Ref(), attached)
	return subnet
}

// subnetRange returns the range of one of the VPC's 16 subnets.
func (n *PrivateNetwork) subnetRange(tier networkTier, zone int) string {
	vpc := netip.MustParsePrefix(n.props.CIDR)
	bits := vpc.Bits() + 4
	first := vpc.Addr().As4()
	address := uint32(first[0])<<24 | uint32(first[1])<<16 | uint32(first[2])<<8 | uint32(first[3])
	address += uint32(subnetNumber(tier, zone)) << (32 - bits)
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{
		byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address),
	}), bits).String()
}

// ipv6Range returns a reference to the IPv6 range of the subnet. AWS chooses the
// VPC's range at deployment.
func (n *PrivateNetwork) ipv6Range(tier networkTier, zone int) *string {
	vpc := awscdk.Fn_Select(jsii.Number(0), n.cfnVpc.AttrIpv6CidrBlocks())
	return awscdk.Fn_Select(jsii.Number(subnetNumber(tier, zone)), awscdk.Fn_Cidr(vpc, jsii.Number(16), jsii.String("64")))
}

func subnetNumber(tier networkTier, zone int) int { return int(tier)*maxZones + zone }

func idsOf(subnets []awsec2.ISubnet) (ids, routeTables *[]*string) {
	ids, routeTables = &[]*string{}, &[]*string{}
	for _, s := range subnets {
		*ids = append(*ids, s.SubnetId())
		*routeTables = append(*routeTables, s.RouteTable().RouteTableId())
	}
	return ids, routeTables
}
