package constructs

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// maxZones is the number of zones that the numbering of subnets allows.
const maxZones = 4

func (p *PrivateNetworkProps) withDefaults(stack awscdk.Stack) PrivateNetworkProps {
	d := valueOrZero(p)
	d.CIDR = orDefault(d.CIDR, "10.0.0.0/16")
	d.Zones = orDefault(d.Zones, orDefault(len(d.ZoneNames), 2))
	if len(d.Gateways) == 0 {
		d.Gateways = []GatewayService{GatewayDynamoDB}
	}
	lists := map[GatewayService]string{}
	for _, g := range d.Gateways {
		lists[g] = orDefault(d.PrefixLists[g], prefixLists[g][*stack.Region()])
	}
	d.PrefixLists = lists
	d.FlowLogRetentionDays = orDefault(d.FlowLogRetentionDays, defaultLogRetentionDays)
	return d
}

var (
	networkNamePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	prefixListPattern  = regexp.MustCompile(`^pl-[0-9a-f]+$`)
)

func (p *PrivateNetworkProps) validate(stack awscdk.Stack) problems {
	var bad problems
	bad.require(networkNamePattern.MatchString(p.Name), "Name", "is %q; use 1 to 64 letters, digits, and - _", p.Name)
	bad.requireNetworkRange("CIDR", p.CIDR)
	bad.require(p.Zones >= 1 && p.Zones <= maxZones, "Zones", "is %d; use 1 to %d", p.Zones, maxZones)
	bad.require(len(p.ZoneNames) == 0 || len(p.ZoneNames) == p.Zones, "ZoneNames", "are %d, but Zones is %d; leave Zones out", len(p.ZoneNames), p.Zones)
	for i, zone := range p.ZoneNames {
		at := fmt.Sprintf("ZoneNames[%d]", i)
		bad.require(zoneNamePattern.MatchString(zone), at, "is %q; use a zone's name, such as eu-west-2a", zone)
		bad.require(!slices.Contains(p.ZoneNames[:i], zone), at, "%q is listed twice", zone)
	}
	bad.require(oneOf(p.Egress, egressKinds...), "Egress", "is %q; use one of the EgressKind constants", p.Egress)
	p.validateEndpoints(&bad, orDefault(regionOf(stack), "the stack's region"))
	bad.requireRetention("FlowLogRetentionDays", p.FlowLogRetentionDays)
	return bad
}

func (p *PrivateNetworkProps) validateEndpoints(bad *problems, region string) {
	for i, g := range p.Gateways {
		at := fmt.Sprintf("Gateways[%d]", i)
		if !oneOf(g, GatewayDynamoDB, GatewayS3) {
			bad.require(false, at, "is %q; use one of the GatewayService constants", g)
			continue
		}
		bad.require(!slices.Contains(p.Gateways[:i], g), at, "%q is listed twice", g)
		bad.require(prefixListPattern.MatchString(p.PrefixLists[g]), fmt.Sprintf("PrefixLists[%q]", g),
			"is %q; give the id that aws ec2 describe-managed-prefix-lists shows for com.amazonaws.<region>.%s in %s",
			p.PrefixLists[g], g, region)
	}
	for i, e := range p.Endpoints {
		at := fmt.Sprintf("Endpoints[%d]", i)
		_, known := endpointActions[e]
		bad.require(known, at, "is %q; use one of the EndpointService constants", e)
		bad.require(!slices.Contains(p.Endpoints[:i], e), at, "%q is listed twice", e)
	}
}

// requireNetworkRange records a range that cannot be divided into 16 subnets. AWS
// allows /16 to /28 for a VPC and for a subnet.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
func (p *problems) requireNetworkRange(prop, cidr string) {
	block, err := netip.ParsePrefix(cidr)
	ok := err == nil && block.Addr().Is4() && block == block.Masked() && block.Bits() >= 16 && block.Bits() <= 24
	p.require(ok, prop, "is %q; use an IPv4 range from /16 to /24 whose first address ends it, such as 10.0.0.0/16", cidr)
}
