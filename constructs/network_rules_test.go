package constructs_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/constructs"
)

var everyEndpoint = []constructs.EndpointService{
	constructs.EndpointCognito, constructs.EndpointEventBridge, constructs.EndpointKMS, constructs.EndpointLambda,
	constructs.EndpointLogs, constructs.EndpointSES, constructs.EndpointSNS, constructs.EndpointSQS, constructs.EndpointSSM,
	constructs.EndpointSTS, constructs.EndpointSecretsManager, constructs.EndpointXRay,
}

// rules lists what a security group allows in one direction, inline or beside
// it, as "protocol:port peer"; the rule to nowhere is left out.
func rules(template map[string]any, groupID, direction string) []string {
	var found []string
	add := func(rule any) {
		peer := at(rule, "CidrIp")
		for _, key := range []string{"CidrIpv6", "DestinationPrefixListId"} {
			if p := at(rule, key); p != nil {
				peer = p
			}
		}
		for _, key := range []string{"DestinationSecurityGroupId", "SourceSecurityGroupId"} {
			if id, ok := at(rule, key, "Fn::GetAtt", 0).(string); ok {
				peer = strings.TrimRight(id, "0123456789ABCDEF")
			}
		}
		if peer != "127.0.0.1/32" {
			found = append(found, fmt.Sprintf("%v:%v-%v %v", at(rule, "IpProtocol"), at(rule, "FromPort"), at(rule, "ToPort"), peer))
		}
	}
	group := at(template, "Resources", groupID, "Properties", "SecurityGroup"+direction)
	list, _ := group.([]any)
	for _, rule := range list {
		add(rule)
	}
	for _, resource := range all(template, "AWS::EC2::SecurityGroup"+direction) {
		if at(resource, "Properties", "GroupId", "Fn::GetAtt", 0) == groupID {
			add(resource["Properties"])
		}
	}
	slices.Sort(found)
	return found
}

func TestPrivateNetwork_SecurityGroups_AllowOnlyHTTPS(t *testing.T) {
	endpoints := []constructs.EndpointService{constructs.EndpointKMS}
	both := []constructs.GatewayService{constructs.GatewayDynamoDB, constructs.GatewayS3}
	cases := map[string]struct {
		props            constructs.PrivateNetworkProps
		group, direction string
		want             []string
	}{
		"isolated out": {constructs.PrivateNetworkProps{Endpoints: endpoints, Gateways: both, Egress: constructs.NATGateway}, "Isolated", "Egress",
			[]string{"tcp:443-443 NetworkEndpointGroup", "tcp:443-443 pl-7ca54015", "tcp:443-443 pl-b3a742da"}},
		"isolated out without endpoints": {constructs.PrivateNetworkProps{}, "Isolated", "Egress",
			[]string{"tcp:443-443 pl-b3a742da"}},
		"isolated in": {constructs.PrivateNetworkProps{Endpoints: endpoints}, "Isolated", "Ingress", nil},
		"egress out by NAT": {constructs.PrivateNetworkProps{Endpoints: endpoints, Egress: constructs.NATInstance}, "Egress", "Egress",
			[]string{"tcp:443-443 0.0.0.0/0", "tcp:443-443 NetworkEndpointGroup", "tcp:443-443 pl-b3a742da"}},
		"egress out by IPv6": {constructs.PrivateNetworkProps{Egress: constructs.IPv6EgressOnly}, "Egress", "Egress",
			[]string{"tcp:443-443 ::/0", "tcp:443-443 pl-b3a742da"}},
		"egress in": {constructs.PrivateNetworkProps{Egress: constructs.NATInstance}, "Egress", "Ingress", nil},
		"endpoints in": {constructs.PrivateNetworkProps{Endpoints: endpoints, Egress: constructs.NATGateway}, "Endpoint", "Ingress",
			[]string{"tcp:443-443 NetworkEgressGroup", "tcp:443-443 NetworkIsolatedGroup"}},
		"endpoints out":    {constructs.PrivateNetworkProps{Endpoints: endpoints}, "Endpoint", "Egress", nil},
		"NAT instance in":  {constructs.PrivateNetworkProps{Egress: constructs.NATInstance}, "NatInstance", "Ingress", []string{"tcp:443-443 NetworkEgressGroup"}},
		"NAT instance out": {constructs.PrivateNetworkProps{Egress: constructs.NATInstance}, "NatInstance", "Egress", []string{"tcp:443-443 0.0.0.0/0"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			template := network(t, c.props)
			id, _ := metricOf(t, template, "AWS::EC2::SecurityGroup", "Network"+c.group+"Group")
			if got := rules(template, id, c.direction); !reflect.DeepEqual(got, c.want) {
				t.Errorf("allowed are %q, want %q", got, c.want)
			}
		})
	}
}

func TestPrivateNetwork_SecurityGroups_HaveEgressRules(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{Egress: constructs.NATInstance, Endpoints: everyEndpoint})
	for _, group := range all(template, "AWS::EC2::SecurityGroup") {
		if inline, _ := at(group, "Properties", "SecurityGroupEgress").([]any); len(inline) == 0 {
			t.Errorf("%v has no outbound rule in itself", at(group, "Properties", "GroupDescription"))
		}
	}
}

func TestPrivateNetwork_EndpointPolicy_AllowsExactActionsOfAccount(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{Endpoints: everyEndpoint})
	_, endpoint := metricOf(t, template, "AWS::EC2::VPCEndpoint", "NetworkLogsEndpoint")
	equal(t, "policy", at(endpoint, "Properties", "PolicyDocument", "Statement"), `[{
		"Sid": "OfTheAccount", "Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*",
		"Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
		"Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333", "aws:ResourceAccount": "111122223333"}}}]`)
	equal(t, "service", at(endpoint, "Properties", "ServiceName"), `"com.amazonaws.eu-west-2.logs"`)
	equal(t, "private names", at(endpoint, "Properties", "PrivateDnsEnabled"), `true`)
	if n := len(all(template, "AWS::EC2::VPCEndpoint")); n != len(everyEndpoint)+1 {
		t.Errorf("there are %d endpoints, want %d and a gateway", n, len(everyEndpoint))
	}
}

// A function with AllowSpans sends its spans through the endpoint.
func TestPrivateNetwork_XRayEndpoint_LetsSpansPass(t *testing.T) {
	stack := newStack()
	n := constructs.NewPrivateNetwork(stack, "Network", &constructs.PrivateNetworkProps{
		Name: "shop", Endpoints: []constructs.EndpointService{constructs.EndpointXRay},
	})
	constructs.NewLeastPrivilegeFunction(stack, "Orders", &constructs.LeastPrivilegeFunctionProps{
		Name: "orders", Code: bootstrap(t), Network: n.Isolated(), AllowSpans: true,
	})
	template := synth(stack)
	_, endpoint := metricOf(t, template, "AWS::EC2::VPCEndpoint", "NetworkXrayEndpoint")
	passing := at(endpoint, "Properties", "PolicyDocument", "Statement", 0, "Action").([]any)
	for _, sid := range []string{"WriteTraces", "WriteSpans"} {
		for _, action := range statement(template, sid)["Action"].([]any) {
			if !slices.Contains(passing, action) {
				t.Errorf("the endpoint refuses %v", action)
			}
		}
	}
}

func TestPrivateNetwork_Endpoints_AreInEachIsolatedSubnet(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{
		Zones: 3, Egress: constructs.NATGateway, Endpoints: []constructs.EndpointService{constructs.EndpointKMS},
	})
	_, endpoint := metricOf(t, template, "AWS::EC2::VPCEndpoint", "NetworkKmsEndpoint")
	subnets := at(endpoint, "Properties", "SubnetIds").([]any)
	for _, subnet := range subnets {
		if id := at(subnet, "Ref").(string); !strings.HasPrefix(id, "NetworkIsolatedSubnet") {
			t.Errorf("it stands in %s", id)
		}
	}
	if len(subnets) != 3 {
		t.Errorf("it stands in %d subnets, want 3", len(subnets))
	}
}

func TestPrivateNetwork_UnsignedRequests_ReachOwnUserPoolsOnly(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{Endpoints: []constructs.EndpointService{constructs.EndpointCognito}})
	unsigned := statement(template, "UnsignedOfTheAccount")
	equal(t, "condition", unsigned["Condition"], `{"StringEquals": {"aws:ResourceAccount": "111122223333"}}`)
	for _, action := range unsigned["Action"].([]any) {
		if strings.Contains(action.(string), "Admin") {
			t.Errorf("%v passes unsigned", action)
		}
	}
}

func TestAllowEndpointActions_AddsActions(t *testing.T) {
	stack := newStack()
	n := constructs.NewPrivateNetwork(stack, "Network", &constructs.PrivateNetworkProps{
		Name: "shop", Endpoints: []constructs.EndpointService{constructs.EndpointSQS},
	})
	refused(t, func() { n.AllowEndpointActions(constructs.EndpointSNS, "sns:Subscribe") }, "service")
	refused(t, func() { n.AllowEndpointActions(constructs.EndpointSQS) }, "actions")
	refused(t, func() { n.AllowEndpointActions(constructs.EndpointSQS, "sqs:*") }, "actions")
	n.AllowEndpointActions(constructs.EndpointSQS, "sqs:PurgeQueue")
	template := synth(stack)
	_, endpoint := metricOf(t, template, "AWS::EC2::VPCEndpoint", "NetworkSqsEndpoint")
	equal(t, "the added statement", at(endpoint, "Properties", "PolicyDocument", "Statement", 1), `{
		"Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*", "Action": "sqs:PurgeQueue",
		"Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333", "aws:ResourceAccount": "111122223333"}}}`)
	if found := constructs.UnexplainedWildcards(template); len(found) > 0 {
		t.Errorf("unexplained: %q", found)
	}
}

func TestPrivateNetwork_Gateways_ServeAllPrivateSubnets(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{
		Egress: constructs.NATGateway, Gateways: []constructs.GatewayService{constructs.GatewayS3},
	})
	gateway := only(t, template, "AWS::EC2::VPCEndpoint")
	equal(t, "type", at(gateway, "Properties", "VpcEndpointType"), `"Gateway"`)
	if tables := at(gateway, "Properties", "RouteTableIds").([]any); len(tables) != 4 {
		t.Errorf("it serves %d route tables, want those of 2 isolated and 2 egress subnets", len(tables))
	}
	own := statement(gateway, "OfTheAccount")
	equal(t, "actions", own["Action"], `["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]`)
	equal(t, "condition", own["Condition"], `{"StringEquals": {"aws:PrincipalAccount": "111122223333", "aws:ResourceAccount": "111122223333"}}`)
}
