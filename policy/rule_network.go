package policy

import (
	"github.com/expenzez/infrastructure/constructs/assembly"
)

// ExternalServicesTag is the tag of a function in a VPC that names the hosts or services
// which it calls on the internet.
const ExternalServicesTag = "external-services"

var functionEgress = Rule{
	ID:    FunctionEgress,
	Title: "A function in a VPC has a route to the internet exactly if its tag external-services names what it calls there",
	Why:   "Malicious code uses a route that the function does not need, and a function without the route that it needs fails.",
	Fix:   "move the function to the other subnets of constructs.PrivateNetwork, or name the services that it calls in its tag.",
	check: func(i *inspection) {
		routed := i.routedSubnets()
		for _, s := range i.Stacks {
			for id, r := range s.OfType(functionType) {
				route, inVPC := false, false
				for _, subnet := range list(at(r.Properties, "VpcConfig", "SubnetIds")) {
					if home, subnetID := s.Target(subnet); home != nil {
						inVPC, route = true, route || routed[placeOf(home, subnetID)]
					}
				}
				called := tagOf(r, ExternalServicesTag)
				if inVPC && route && called == nil {
					i.report(s, id, "the function's subnets have a route to the internet, and it names no service that it calls there")
				}
				if inVPC && !route && called != nil {
					i.report(s, id, "the function calls %s, and its subnets have no route to the internet", text(called))
				}
			}
		}
	},
}

// routedSubnets returns the subnets whose route table has a route to every address.
func (i *inspection) routedSubnets() map[place]bool {
	tables, subnets := map[place]bool{}, map[place]bool{}
	for _, s := range i.Stacks {
		for _, r := range s.OfType("AWS::EC2::Route") {
			if r.Properties["DestinationCidrBlock"] == "0.0.0.0/0" || r.Properties["DestinationIpv6CidrBlock"] == "::/0" {
				if home, id := s.Target(r.Properties["RouteTableId"]); home != nil {
					tables[placeOf(home, id)] = true
				}
			}
		}
	}
	for _, s := range i.Stacks {
		for _, r := range s.OfType("AWS::EC2::SubnetRouteTableAssociation") {
			home, table := s.Target(r.Properties["RouteTableId"])
			if subnetHome, id := s.Target(r.Properties["SubnetId"]); home != nil && subnetHome != nil {
				subnets[placeOf(subnetHome, id)] = tables[placeOf(home, table)]
			}
		}
	}
	return subnets
}

// tagOf returns the value of a resource's tag, or nil.
func tagOf(r assembly.Resource, key string) any {
	for _, tag := range list(r.Properties["Tags"]) {
		if at(tag, "Key") == key {
			return at(tag, "Value")
		}
	}
	return nil
}
