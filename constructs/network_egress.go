package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
)

// addEgress adds the route of the egress subnets and the rule of the egress group.
func (n *PrivateNetwork) addEgress() {
	switch n.props.Egress {
	case NATGateway:
		n.addNATGateways(1)
	case NATGatewayPerZone:
		n.addNATGateways(n.props.Zones)
	case NATInstance:
		n.addNATInstance()
	case IPv6EgressOnly:
		n.addEgressOnlyGateway()
	}
}

// addNATGateways makes a gateway in each of the first zones. Other zones use the
// gateway of the first zone.
func (n *PrivateNetwork) addNATGateways(count int) {
	internet, attached := n.internetGateway()
	gateways := make([]awsec2.CfnNatGateway, count)
	for i := range gateways {
		gateways[i] = n.publicSubnet(i, internet, attached).AddNatGateway(nil)
	}
	for i, subnet := range n.EgressSubnets {
		subnet.(awsec2.PrivateSubnet).AddDefaultNatRoute(gateways[i%count].Ref())
	}
	n.EgressGroup.AddEgressRule(awsec2.Peer_AnyIpv4(), awsec2.Port_HTTPS(), jsii.String("HTTPS to any host"), nil)
}

// addEgressOnlyGateway routes outgoing IPv6 connections and refuses incoming ones.
// It is an L1 because CDK offers an L2 only inside its own Vpc.
func (n *PrivateNetwork) addEgressOnlyGateway() {
	gateway := awsec2.NewCfnEgressOnlyInternetGateway(n, jsii.String("EgressOnlyGateway"), &awsec2.CfnEgressOnlyInternetGatewayProps{
		VpcId: n.cfnVpc.Ref(),
	})
	for _, subnet := range n.EgressSubnets {
		subnet.(awsec2.PrivateSubnet).AddIpv6DefaultEgressOnlyInternetRoute(gateway.Ref())
	}
	n.EgressGroup.AddEgressRule(awsec2.Peer_AnyIpv6(), awsec2.Port_HTTPS(), jsii.String("HTTPS to any host with IPv6"), nil)
}

// internetGateway makes the internet gateway of a NAT. It is an L1 because CDK
// offers an L2 only inside its own Vpc.
func (n *PrivateNetwork) internetGateway() (awsec2.CfnInternetGateway, awsec2.CfnVPCGatewayAttachment) {
	gateway := awsec2.NewCfnInternetGateway(n, jsii.String("InternetGateway"), nil)
	return gateway, awsec2.NewCfnVPCGatewayAttachment(n, jsii.String("InternetGatewayAttachment"), &awsec2.CfnVPCGatewayAttachmentProps{
		VpcId:             n.cfnVpc.Ref(),
		InternetGatewayId: gateway.Ref(),
	})
}

// addNATInstance makes an instance of the newest Amazon Linux that forwards the
// egress group's HTTPS connections. Login is impossible: the instance has no key
// pair and no permissions, and refuses all other connections. A deployment replaces
// it when a new image was released.
func (n *PrivateNetwork) addNATInstance() {
	internet, attached := n.internetGateway()
	subnet := n.publicSubnet(0, internet, attached)
	group := n.newSecurityGroup("NatInstanceGroup", "NAT instance")
	group.AddIngressRule(n.EgressGroup, awsec2.Port_HTTPS(), jsii.String("HTTPS of functions"), nil)
	group.AddEgressRule(awsec2.Peer_AnyIpv4(), awsec2.Port_HTTPS(), jsii.String("HTTPS to any host"), nil)
	commands := awsec2.UserData_ForLinux(nil)
	commands.AddCommands(*awsec2.NatInstanceProviderV2_DEFAULT_USER_DATA_COMMANDS()...)
	instance := awsec2.NewInstance(n, jsii.String("NatInstance"), &awsec2.InstanceProps{
		Vpc:          n.vpcWithPublicSubnet(subnet),
		VpcSubnets:   &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC},
		InstanceType: awsec2.InstanceType_Of(awsec2.InstanceClass_T4G, awsec2.InstanceSize_NANO),
		MachineImage: awsec2.MachineImage_LatestAmazonLinux2023(&awsec2.AmazonLinux2023ImageSsmParameterProps{
			CpuType: awsec2.AmazonLinuxCpuType_ARM_64,
		}),
		BlockDevices: &[]*awsec2.BlockDevice{{
			DeviceName: jsii.String("/dev/xvda"),
			Volume: awsec2.BlockDeviceVolume_Ebs(jsii.Number(8), &awsec2.EbsDeviceOptions{
				Encrypted: jsii.Bool(true), VolumeType: awsec2.EbsDeviceVolumeType_GP3,
			}),
		}},
		UserData:                 commands,
		SecurityGroup:            group,
		AssociatePublicIpAddress: jsii.Bool(true),
		SourceDestCheck:          jsii.Bool(false), // otherwise EC2 drops forwarded packets
		HttpTokens:               awsec2.HttpTokens_REQUIRED,
	})
	instance.Node().AddDependency(subnet.InternetConnectivityEstablished()) // it installs a package as it starts
	for _, egress := range n.EgressSubnets {
		egress.(awsec2.PrivateSubnet).AddRoute(jsii.String("DefaultRoute"), &awsec2.AddRouteOptions{
			RouterType:                  awsec2.RouterType_INSTANCE,
			RouterId:                    instance.InstanceId(),
			EnablesInternetConnectivity: jsii.Bool(true),
		})
	}
	n.EgressGroup.AddEgressRule(awsec2.Peer_AnyIpv4(), awsec2.Port_HTTPS(), jsii.String("HTTPS to any host"), nil)
}

// vpcWithPublicSubnet returns the VPC with the public subnet only. CDK needs a
// public subnet to give an instance a public IP address.
func (n *PrivateNetwork) vpcWithPublicSubnet(subnet awsec2.PublicSubnet) awsec2.IVpc {
	return awsec2.Vpc_FromVpcAttributes(n, jsii.String("PublicNetwork"), &awsec2.VpcAttributes{
		VpcId:                     n.cfnVpc.Ref(),
		AvailabilityZones:         &[]*string{subnet.AvailabilityZone()},
		PublicSubnetIds:           &[]*string{subnet.SubnetId()},
		PublicSubnetRouteTableIds: &[]*string{subnet.RouteTable().RouteTableId()},
	})
}
