package constructs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/constructs"
)

// routesOut lists where the default routes of the subnets of a tier lead, as
// "destination target", without what makes logical ids unique.
func routesOut(template map[string]any, tier string) []string {
	var found []string
	resources, _ := template["Resources"].(map[string]any)
	for id, r := range resources {
		route := at(r, "Properties")
		if at(r, "Type") != "AWS::EC2::Route" || !strings.HasPrefix(id, "Network"+tier) {
			continue
		}
		for _, target := range []string{"NatGatewayId", "InstanceId", "EgressOnlyInternetGatewayId", "GatewayId"} {
			if to, ok := at(route, target, "Ref").(string); ok {
				destination := at(route, "DestinationCidrBlock")
				if destination == nil {
					destination = at(route, "DestinationIpv6CidrBlock")
				}
				found = append(found, fmt.Sprintf("%v %s", destination, to[:len(to)-8]))
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestPrivateNetwork_EgressKinds_HaveTheirOwnRoutes(t *testing.T) {
	cases := map[constructs.EgressKind][]string{
		constructs.NoEgress: nil,
		constructs.NATGateway: {
			"0.0.0.0/0 NetworkPublicSubnet1NATGateway", "0.0.0.0/0 NetworkPublicSubnet1NATGateway", "0.0.0.0/0 NetworkPublicSubnet1NATGateway"},
		constructs.NATGatewayPerZone: {
			"0.0.0.0/0 NetworkPublicSubnet1NATGateway", "0.0.0.0/0 NetworkPublicSubnet2NATGateway", "0.0.0.0/0 NetworkPublicSubnet3NATGateway"},
		constructs.NATInstance: {
			"0.0.0.0/0 NetworkNatInstance", "0.0.0.0/0 NetworkNatInstance", "0.0.0.0/0 NetworkNatInstance"},
		constructs.IPv6EgressOnly: {
			"::/0 NetworkEgressOnlyGateway", "::/0 NetworkEgressOnlyGateway", "::/0 NetworkEgressOnlyGateway"},
	}
	for kind, want := range cases {
		t.Run(string(kind), func(t *testing.T) {
			template := network(t, constructs.PrivateNetworkProps{Zones: 3, Egress: kind})
			if got := routesOut(template, "Egress"); !slices.Equal(got, want) {
				t.Errorf("egress subnets route %q, want %q", got, want)
			}
			if got := routesOut(template, "Isolated"); got != nil {
				t.Errorf("isolated subnets route %q", got)
			}
		})
	}
}

func TestPrivateNetwork_NAT_IsInPublicSubnet(t *testing.T) {
	for kind, nat := range map[constructs.EgressKind]string{
		constructs.NATGateway: "AWS::EC2::NatGateway", constructs.NATInstance: "AWS::EC2::Instance",
	} {
		template := network(t, constructs.PrivateNetworkProps{Egress: kind})
		resource := only(t, template, nat)
		subnet := at(resource, "Properties", "SubnetId", "Ref")
		if kind == constructs.NATInstance {
			subnet = at(resource, "Properties", "NetworkInterfaces", 0, "SubnetId", "Ref")
		}
		if id, _ := subnet.(string); !strings.HasPrefix(id, "NetworkPublicSubnet1") {
			t.Errorf("the %s stands in %v", nat, subnet)
		}
		if got := routesOut(template, "Public"); !slices.Equal(got, []string{"0.0.0.0/0 NetworkInternetGateway"}) {
			t.Errorf("the public subnet routes %q", got)
		}
	}
}

func TestPrivateNetwork_NATInstance_RefusesLogin(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{Egress: constructs.NATInstance})
	instance := only(t, template, "AWS::EC2::Instance")
	properties := at(instance, "Properties")
	equal(t, "metadata", at(properties, "MetadataOptions"), `{"HttpTokens": "required"}`)
	equal(t, "disk", at(properties, "BlockDeviceMappings", 0, "Ebs", "Encrypted"), `true`)
	equal(t, "key", at(properties, "KeyName"), `null`)
	equal(t, "source and destination check", at(properties, "SourceDestCheck"), `false`)
	equal(t, "public address", at(properties, "NetworkInterfaces", 0, "AssociatePublicIpAddress"), `true`)
	_, role := metricOf(t, template, "AWS::IAM::Role", "NetworkNatInstance")
	equal(t, "permissions", []any{at(role, "Properties", "Policies"), at(role, "Properties", "ManagedPolicyArns")}, `[null, null]`)
	route, _ := metricOf(t, template, "AWS::EC2::Route", "NetworkPublicSubnet1")
	if !slices.Contains(instance["DependsOn"].([]any), any(route)) {
		t.Errorf("it waits for %v, not for its way out", instance["DependsOn"])
	}
}

func TestPrivateNetwork_IPv6_IsForEgressOnlyGateway(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{Egress: constructs.IPv6EgressOnly})
	_, egress := metricOf(t, template, "AWS::EC2::Subnet", "NetworkEgressSubnet2")
	vpc, _ := metricOf(t, template, "AWS::EC2::VPC", "Network")
	equal(t, "range", at(egress, "Properties", "Ipv6CidrBlock"), fmt.Sprintf(
		`{"Fn::Select": [5, {"Fn::Cidr": [{"Fn::Select": [0, {"Fn::GetAtt": [%q, "Ipv6CidrBlocks"]}]}, 16, "64"]}]}`, vpc))
	_, isolated := metricOf(t, template, "AWS::EC2::Subnet", "NetworkIsolatedSubnet1")
	equal(t, "range of an isolated subnet", at(isolated, "Properties", "Ipv6CidrBlock"), `null`)
	for place, want := range map[string]string{"egress": `true`, "isolated": `false`} {
		_, function := metricOf(t, template, "AWS::Lambda::Function", place)
		equal(t, "IPv6 of the "+place+" function", at(function, "Properties", "VpcConfig", "Ipv6AllowedForDualStack"), want)
	}
	if n := len(all(template, "AWS::EC2::InternetGateway")); n != 0 {
		t.Errorf("there are %d internet gateways, by which hosts could connect to the network", n)
	}
}

func TestPrivateNetwork_DefaultSecurityGroup_LosesItsRules(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{Egress: constructs.IPv6EgressOnly})
	for id, want := range map[string][]string{
		"NetworkDefaultGroupIngress":    {"revokeSecurityGroupIngress", "UserIdGroupPairs"},
		"NetworkDefaultGroupEgress":     {"revokeSecurityGroupEgress", "0.0.0.0/0"},
		"NetworkDefaultGroupIPv6Egress": {"revokeSecurityGroupEgress", "::/0"},
	} {
		_, call := metricOf(t, template, "Custom::AWS", id)
		text := fmt.Sprint(at(call, "Properties", "Create"))
		for _, word := range append(want, `"IpProtocol":"-1"`, "InvalidPermission.NotFound") {
			if !strings.Contains(text, word) {
				t.Errorf("%s says %s, without %s", id, text, word)
			}
		}
	}
}

func TestPrivateNetwork_DefaultGroupRole_IsLeastPrivilege(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{})
	vpc, _ := metricOf(t, template, "AWS::EC2::VPC", "Network")
	group := fmt.Sprintf(`{"Fn::Join": ["", ["arn:aws:ec2:eu-west-2:111122223333:security-group/", {"Fn::GetAtt": [%q, "DefaultSecurityGroup"]}]]}`, vpc)
	for _, direction := range []string{"Ingress", "Egress"} {
		_, policy := metricOf(t, template, "AWS::IAM::Policy", "NetworkDefaultGroup"+direction)
		equal(t, direction, at(policy, "Properties", "PolicyDocument", "Statement"), fmt.Sprintf(
			`[{"Sid": "Revoke%s", "Effect": "Allow", "Action": "ec2:RevokeSecurityGroup%[1]s", "Resource": %s}]`, direction, group))
	}
	roleID, role := metricOf(t, template, "AWS::IAM::Role", "NetworkDefaultGroupRole")
	logs, _ := metricOf(t, template, "AWS::Logs::LogGroup", "NetworkDefaultGroup")
	equal(t, "permissions", at(role, "Properties", "Policies", 0, "PolicyDocument", "Statement"), fmt.Sprintf(
		`[{"Sid": "WriteOwnLogs", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": {"Fn::GetAtt": [%q, "Arn"]}}]`, logs))
	_, function := metricOf(t, template, "AWS::Lambda::Function", "AWS679f53fac002430cb0da5b7982bd2287")
	equal(t, "role", at(function, "Properties", "Role", "Fn::GetAtt", 0), fmt.Sprintf("%q", roleID))
}

func TestPrivateNetwork_KeepDefaultSecurityGroup_KeepsRules(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{KeepDefaultSecurityGroup: true})
	if n := len(all(template, "Custom::AWS")); n != 0 {
		t.Errorf("there are %d calls", n)
	}
}
