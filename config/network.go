package config

import "slices"

// Network says where the functions run. Prices are those of eu-west-2 for 730 hours; docs/network.md has
// them with date and source.
type Network struct {
	// Placement says whether the functions run in a VPC. The other fields are for a VPC only.
	Placement Placement
	// Zones is the number of availability zones, 1 to 4. Each interface endpoint costs 8 USD a month in each
	// zone. With one zone, the functions stop when that zone fails, so prod needs two.
	// https://aws.amazon.com/privatelink/pricing/
	Zones int
	// Egress says how functions that call hosts outside AWS reach them.
	Egress Egress
	// WithoutEndpoint are services that get no interface endpoint, which saves 8 USD a month in each zone.
	// Functions that call them then run in the egress subnets, and so may call every host.
	WithoutEndpoint []Endpoint
	// FlowLogs says which connections are logged. The logs are kept as long as the functions' logs.
	FlowLogs FlowLogs
	// KeepDefaultGroup keeps the rules that AWS gives the VPC's default security group. Both choices cost
	// nothing. By default a function of CDK removes the rules during the deployment, so that a resource that is
	// put into the group by mistake reaches nothing.
	// https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
	KeepDefaultGroup bool
}

// Placement says whether the functions run in a VPC.
type Placement string

// The placements.
const (
	// OutsideVPC runs the functions in Lambda's own network. It costs nothing. It gives up a limit on hosts:
	// malicious code in a function could send what the function reads to any host on the internet.
	// https://docs.aws.amazon.com/lambda/latest/dg/security-infrastructure.html
	OutsideVPC Placement = "outside-vpc"
	// Isolated runs the functions in a VPC. A function that calls only AWS reaches only the endpoints of its
	// services. It costs an interface endpoint for each service that the functions call, the egress and the
	// flow logs. It gives up independence from them: a function fails when an endpoint it needs fails.
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
	Isolated Placement = "isolated"
)

// Egress says how functions in the egress subnets reach hosts outside AWS.
type Egress string

// The kinds of egress.
const (
	// NATGatewayPerZone is a NAT gateway in each zone: 40 USD a month each with its address, and 0.05 USD
	// for each GB. It gives up nothing.
	// https://aws.amazon.com/vpc/pricing/
	NATGatewayPerZone Egress = "nat-gateway-per-zone"
	// NATGateway is one NAT gateway: 40 USD a month, and 0.05 USD for each GB. It gives up calls to
	// other companies' services, such as sign-in with Apple and Google, while the gateway's zone fails.
	// https://aws.amazon.com/vpc/pricing/
	NATGateway Egress = "nat-gateway"
	// NATInstance is one EC2 instance: 8 USD a month with its disk and address. It gives up the same calls for
	// minutes whenever the instance fails or a new image replaces it.
	// https://aws.amazon.com/ec2/pricing/on-demand/
	NATInstance Egress = "nat-instance"
	// IPv6Egress is an egress-only internet gateway, which costs nothing. It gives up every host without an
	// IPv6 address: find out for each external service before you choose it.
	// https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
	IPv6Egress Egress = "ipv6"
)

// Endpoint is a service of AWS whose interface endpoint a stage may leave out, by the name that the
// service's hosts begin with. The other services are called by nearly every function.
// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
type Endpoint string

// The endpoints that a stage may leave out.
const (
	CognitoEndpoint        Endpoint = "cognito-idp"
	SecretsManagerEndpoint Endpoint = "secretsmanager"
	SESEndpoint            Endpoint = "email"
	SNSEndpoint            Endpoint = "sns"
)

// FlowLogs says which connections of the VPC are logged. CloudWatch Logs takes about 0.60 USD for each GB.
// https://aws.amazon.com/cloudwatch/pricing/
type FlowLogs string

// The choices of flow logs.
const (
	// AllFlows logs every connection. An investigation can then tell which hosts a function reached.
	AllFlows FlowLogs = "all"
	// RejectedFlows logs refused connections, a fraction of all. It gives up the record of connections that
	// were allowed, such as those of malicious code in an egress subnet.
	RejectedFlows FlowLogs = "rejected"
)

// InVPC reports whether the functions run in a VPC.
func (n Network) InVPC() bool { return n.Placement == Isolated }

// leanNetwork runs the functions outside a VPC (docs/decisions/0021-network-of-a-profile.md).
func leanNetwork() Network { return Network{Placement: OutsideVPC} }

// fullNetwork isolates the functions in two zones, with an endpoint for every service.
func fullNetwork() Network {
	return Network{Placement: Isolated, Zones: 2, Egress: NATGatewayPerZone, FlowLogs: AllFlows}
}

// maxZones is how many zones the numbering of the VPC's subnets allows.
const maxZones = 4

// network checks that the fields fit each other and the rest of the stage.
func (v *validation) network(n Network, traces Traces) {
	const field = "Controls.Network"
	if n.Placement == OutsideVPC {
		v.check(n.Zones == 0 && n.Egress == "" && n.FlowLogs == "" && len(n.WithoutEndpoint) == 0 && !n.KeepDefaultGroup, field,
			"has more than the placement %s: there is no VPC to configure; remove the rest", OutsideVPC)
		return
	}
	v.check(n.Placement == Isolated, field+".Placement", "%q: use %s or %s", n.Placement, OutsideVPC, Isolated)
	v.check(n.Zones >= 1 && n.Zones <= maxZones, field+".Zones", "%d: give 1 to %d", n.Zones, maxZones)
	v.check(v.stage != "prod" || n.Zones >= 2, field+".Zones", "%d: the failure of one zone would stop prod; give at least 2", n.Zones)
	kinds := []Egress{NATGatewayPerZone, NATGateway, NATInstance, IPv6Egress}
	v.check(slices.Contains(kinds, n.Egress), field+".Egress", "%q: sign-in, subscriptions and error reports call hosts outside AWS; use one of %v", n.Egress, kinds)
	v.check(n.Egress != NATGatewayPerZone || n.Zones > 1, field+".Egress", "%s in one zone: use %s", n.Egress, NATGateway)
	endpoints := []Endpoint{CognitoEndpoint, SecretsManagerEndpoint, SESEndpoint, SNSEndpoint}
	for _, e := range n.WithoutEndpoint {
		v.check(slices.Contains(endpoints, e), field+".WithoutEndpoint", "%q: nearly every function would need egress; use one of %v", e, endpoints)
	}
	v.check(n.Egress != IPv6Egress || len(n.WithoutEndpoint) == 0, field+".WithoutEndpoint",
		"given with the egress %s: AWS's ordinary hosts have no IPv6 address; remove it or use a NAT", IPv6Egress)
	v.check(n.FlowLogs == AllFlows || n.FlowLogs == RejectedFlows, field+".FlowLogs", "%q: use %s or %s", n.FlowLogs, AllFlows, RejectedFlows)
	v.check(traces.Endpoint == "" || traces.XRay(), "Traces.Endpoint",
		"%q is outside AWS: every function would need egress; use X-Ray or the placement %s", traces.Endpoint, OutsideVPC)
}
