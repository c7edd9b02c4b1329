package constructs_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewPrivateNetwork() {
	stack := newStack()
	network := constructs.NewPrivateNetwork(stack, "Network", &constructs.PrivateNetworkProps{
		Name:      "shop-prod",
		Egress:    constructs.NATGatewayPerZone,
		Endpoints: []constructs.EndpointService{constructs.EndpointSecretsManager, constructs.EndpointLogs},
	})
	orders, payments := network.Isolated(), network.Egress()
	fmt.Println(len(*orders.Subnets.Subnets), "isolated subnets,", len(*payments.Subnets.Subnets), "with egress")
	// Output: 2 isolated subnets, 2 with egress
}

// network is the template of a network with a function in each place it has.
func network(t *testing.T, props constructs.PrivateNetworkProps) map[string]any {
	t.Helper()
	stack := newStack()
	props.Name = "shop"
	n := constructs.NewPrivateNetwork(stack, "Network", &props)
	place := map[string]*constructs.FunctionNetwork{"isolated": n.Isolated()}
	if props.Egress != constructs.NoEgress {
		place["egress"] = n.Egress()
	}
	for name, network := range place {
		constructs.NewLeastPrivilegeFunction(stack, name, &constructs.LeastPrivilegeFunctionProps{
			Name: name, Code: bootstrap(t), Network: network,
		})
	}
	return synth(stack)
}

// named returns the resource of a type whose logical id starts with prefix.
func metricOf(t *testing.T, template map[string]any, kind, prefix string) (id string, resource map[string]any) {
	t.Helper()
	resources, _ := template["Resources"].(map[string]any)
	for key, r := range resources {
		if found := r.(map[string]any); found["Type"] == kind && strings.HasPrefix(key, prefix) {
			if id != "" {
				t.Fatalf("%s and %s are both of type %s", id, key, kind)
			}
			id, resource = key, found
		}
	}
	if id == "" {
		t.Fatalf("there is no %s named %s…", kind, prefix)
	}
	return id, resource
}

func TestPrivateNetwork_Defaults_HasNoEgress(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{})
	for _, kind := range []string{
		"AWS::EC2::InternetGateway", "AWS::EC2::EgressOnlyInternetGateway", "AWS::EC2::NatGateway",
		"AWS::EC2::Instance", "AWS::EC2::Route", "AWS::EC2::EIP",
	} {
		if n := len(all(template, kind)); n != 0 {
			t.Errorf("there are %d of %s", n, kind)
		}
	}
	if n := len(all(template, "AWS::EC2::Subnet")); n != 2 {
		t.Errorf("there are %d subnets, want one a zone", n)
	}
	vpc := at(only(t, template, "AWS::EC2::VPC"), "Properties")
	equal(t, "range", at(vpc, "CidrBlock"), `"10.0.0.0/16"`)
	equal(t, "DNS", []any{at(vpc, "EnableDnsSupport"), at(vpc, "EnableDnsHostnames")}, `[true, true]`)
	equal(t, "name", at(vpc, "Tags"), `[{"Key": "Name", "Value": "shop"}]`)
}

func TestPrivateNetwork_Synthesis_CallsNoAWSAPI(t *testing.T) {
	for _, egress := range []constructs.EgressKind{constructs.NoEgress, constructs.NATInstance, constructs.IPv6EgressOnly} {
		stack := newStack()
		constructs.NewPrivateNetwork(stack, "Network", &constructs.PrivateNetworkProps{Name: "shop", Egress: egress})
		if missing := awscdk.App_Of(stack).Synth(nil).Manifest().Missing; missing != nil {
			t.Errorf("with egress %q CDK would look up %v", egress, *missing)
		}
	}
}

func TestPrivateNetwork_Subnets_KeepTheirRanges(t *testing.T) {
	ranges := func(props constructs.PrivateNetworkProps) []string {
		var found []string
		for _, subnet := range all(network(t, props), "AWS::EC2::Subnet") {
			found = append(found, at(subnet, "Properties", "CidrBlock").(string))
		}
		slices.Sort(found)
		return found
	}
	cases := map[string]struct {
		props constructs.PrivateNetworkProps
		want  []string
	}{
		"two zones": {constructs.PrivateNetworkProps{}, []string{"10.0.0.0/20", "10.0.16.0/20"}},
		"four zones": {constructs.PrivateNetworkProps{Zones: 4},
			[]string{"10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20", "10.0.48.0/20"}},
		"with egress": {constructs.PrivateNetworkProps{Egress: constructs.NATGateway},
			[]string{"10.0.0.0/20", "10.0.128.0/20", "10.0.16.0/20", "10.0.64.0/20", "10.0.80.0/20"}},
		"small": {constructs.PrivateNetworkProps{CIDR: "192.168.7.0/24", Zones: 1, Egress: constructs.NATInstance},
			[]string{"192.168.7.0/28", "192.168.7.128/28", "192.168.7.64/28"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := ranges(c.props); !reflect.DeepEqual(got, c.want) {
				t.Errorf("the subnets have %v, want %v", got, c.want)
			}
		})
	}
}

func TestPrivateNetwork_ZoneNames_AreUsed(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{ZoneNames: []string{"eu-west-2a", "eu-west-2c", "eu-west-2b"}})
	var zones []string
	for _, subnet := range all(template, "AWS::EC2::Subnet") {
		zones = append(zones, at(subnet, "Properties", "AvailabilityZone").(string))
	}
	slices.Sort(zones)
	if want := []string{"eu-west-2a", "eu-west-2b", "eu-west-2c"}; !reflect.DeepEqual(zones, want) {
		t.Errorf("the zones are %v, want %v", zones, want)
	}
}

func TestPrivateNetwork_Functions_GetSubnetsAndGroups(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{Egress: constructs.NATGateway})
	for place, want := range map[string]string{"isolated": "NetworkIsolated", "egress": "NetworkEgress"} {
		_, function := metricOf(t, template, "AWS::Lambda::Function", place)
		vpc := at(function, "Properties", "VpcConfig")
		for _, found := range []any{
			at(vpc, "SubnetIds", 0, "Ref"), at(vpc, "SubnetIds", 1, "Ref"), at(vpc, "SecurityGroupIds", 0, "Fn::GetAtt", 0),
		} {
			if id, _ := found.(string); !strings.HasPrefix(id, want) {
				t.Errorf("the %s function uses %v, want %s…", place, found, want)
			}
		}
	}
}

func TestPrivateNetwork_Function_DependsOnEgress(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{Egress: constructs.NATGateway})
	_, function := metricOf(t, template, "AWS::Lambda::Function", "egress")
	route, _ := metricOf(t, template, "AWS::EC2::Route", "NetworkEgressSubnet1")
	if !slices.Contains(function["DependsOn"].([]any), any(route)) {
		t.Errorf("the function depends on %v, not on %s", function["DependsOn"], route)
	}
}

func TestPrivateNetwork_EgressWithoutEgressKind_IsRefused(t *testing.T) {
	n := constructs.NewPrivateNetwork(newStack(), "Network", &constructs.PrivateNetworkProps{Name: "shop"})
	refused(t, func() { n.Egress() }, "Egress")
}

func TestPrivateNetwork_Vpc_LeavesOutPublicSubnets(t *testing.T) {
	stack := newStack()
	n := constructs.NewPrivateNetwork(stack, "Network", &constructs.PrivateNetworkProps{Name: "shop", Egress: constructs.NATGateway})
	if public := *n.Vpc.PublicSubnets(); len(public) != 0 {
		t.Errorf("the VPC offers %d public subnets", len(public))
	}
	_, subnet := metricOf(t, synth(stack), "AWS::EC2::Subnet", "NetworkPublicSubnet1")
	equal(t, "public addresses unasked", at(subnet, "Properties", "MapPublicIpOnLaunch"), `false`)
}

func TestPrivateNetwork_FlowLogs_HaveRetention(t *testing.T) {
	template := network(t, constructs.PrivateNetworkProps{FlowLogRetentionDays: 90})
	_, group := metricOf(t, template, "AWS::Logs::LogGroup", "NetworkFlowLogGroup")
	equal(t, "log group", at(group, "Properties"), `{"LogGroupName": "/aws/vpc/shop/flow-logs", "RetentionInDays": 90}`)
	equal(t, "DeletionPolicy", group["DeletionPolicy"], `"RetainExceptOnCreate"`)
	log := at(only(t, template, "AWS::EC2::FlowLog"), "Properties")
	vpc, _ := metricOf(t, template, "AWS::EC2::VPC", "Network")
	equal(t, "traffic", at(log, "TrafficType"), `"ALL"`)
	equal(t, "resource", at(log, "ResourceId"), fmt.Sprintf(`{"Ref": %q}`, vpc))
	_, role := metricOf(t, template, "AWS::IAM::Role", "NetworkFlowLogRole")
	equal(t, "trust", at(role, "Properties", "AssumeRolePolicyDocument", "Statement", 0), `{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Condition": {
			"StringEquals": {"aws:SourceAccount": "111122223333"},
			"ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-west-2:111122223333:vpc-flow-log/*"}}}`)
}

func TestPrivateNetwork_FlowLogProps_AreInTheTemplate(t *testing.T) {
	stack := newStack()
	key := constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{Alias: "logs", Services: []constructs.KeyService{constructs.KeyServiceLogs}})
	constructs.NewPrivateNetwork(stack, "Network", &constructs.PrivateNetworkProps{
		Name: "shop", RejectedFlowsOnly: true, FlowLogKey: key.Key, Disposable: true,
	})
	template := synth(stack)
	equal(t, "traffic", at(only(t, template, "AWS::EC2::FlowLog"), "Properties", "TrafficType"), `"REJECT"`)
	for _, group := range all(template, "AWS::Logs::LogGroup") {
		equal(t, "DeletionPolicy", group["DeletionPolicy"], `"Delete"`)
		if at(group, "Properties", "KmsKeyId") == nil {
			t.Errorf("the log group %v is not under the key", at(group, "Properties", "LogGroupName"))
		}
	}
}

func TestPrivateNetwork_HasOnlyExplainedWildcards(t *testing.T) {
	for _, egress := range []constructs.EgressKind{constructs.NATGateway, constructs.NATInstance} {
		template := network(t, constructs.PrivateNetworkProps{
			Egress:    egress,
			Gateways:  []constructs.GatewayService{constructs.GatewayDynamoDB, constructs.GatewayS3},
			Endpoints: everyEndpoint,
		})
		if found := constructs.UnexplainedWildcards(template); len(found) > 0 {
			t.Errorf("unexplained: %q", found)
		}
	}
}

func TestPrivateNetwork_HasNoManagedPolicy(t *testing.T) {
	for _, role := range all(network(t, constructs.PrivateNetworkProps{Egress: constructs.NATInstance}), "AWS::IAM::Role") {
		if policies := at(role, "Properties", "ManagedPolicyArns"); policies != nil {
			t.Errorf("a role has %v", policies)
		}
	}
}

func TestPrivateNetwork_InvalidProps_AreRefused(t *testing.T) {
	twice := func(p *constructs.PrivateNetworkProps) {
		p.Endpoints = []constructs.EndpointService{constructs.EndpointKMS, constructs.EndpointKMS}
	}
	cases := map[string]struct {
		spoil func(p *constructs.PrivateNetworkProps)
		props []string
	}{
		"no name":             {func(p *constructs.PrivateNetworkProps) { p.Name = "" }, []string{"Name"}},
		"name with a slash":   {func(p *constructs.PrivateNetworkProps) { p.Name = "a/b" }, []string{"Name"}},
		"no range":            {func(p *constructs.PrivateNetworkProps) { p.CIDR = "10.0.0.0" }, []string{"CIDR"}},
		"range too wide":      {func(p *constructs.PrivateNetworkProps) { p.CIDR = "10.0.0.0/15" }, []string{"CIDR"}},
		"range too narrow":    {func(p *constructs.PrivateNetworkProps) { p.CIDR = "10.0.0.0/25" }, []string{"CIDR"}},
		"range off its start": {func(p *constructs.PrivateNetworkProps) { p.CIDR = "10.0.1.0/16" }, []string{"CIDR"}},
		"range of IPv6":       {func(p *constructs.PrivateNetworkProps) { p.CIDR = "fd00::/20" }, []string{"CIDR"}},
		"less than one zone":  {func(p *constructs.PrivateNetworkProps) { p.Zones = -1 }, []string{"Zones"}},
		"too many zones":      {func(p *constructs.PrivateNetworkProps) { p.Zones = 5 }, []string{"Zones"}},
		"names for some zones": {func(p *constructs.PrivateNetworkProps) { p.Zones, p.ZoneNames = 2, []string{"eu-west-2a"} },
			[]string{"ZoneNames"}},
		"no zone's name": {func(p *constructs.PrivateNetworkProps) { p.ZoneNames = []string{"eu-west-2"} }, []string{"ZoneNames[0]"}},
		"zone twice": {func(p *constructs.PrivateNetworkProps) { p.ZoneNames = []string{"eu-west-2a", "eu-west-2a"} },
			[]string{"ZoneNames[1]"}},
		"unknown egress":  {func(p *constructs.PrivateNetworkProps) { p.Egress = "proxy" }, []string{"Egress"}},
		"unknown gateway": {func(p *constructs.PrivateNetworkProps) { p.Gateways = []constructs.GatewayService{"sqs"} }, []string{"Gateways[0]"}},
		"gateway twice":   {func(p *constructs.PrivateNetworkProps) { p.Gateways = []constructs.GatewayService{"s3", "s3"} }, []string{"Gateways[1]"}},
		"no prefix list": {func(p *constructs.PrivateNetworkProps) {
			p.PrefixLists = map[constructs.GatewayService]string{"dynamodb": "sg-1"}
		}, []string{`PrefixLists["dynamodb"]`}},
		"unknown endpoint": {func(p *constructs.PrivateNetworkProps) { p.Endpoints = []constructs.EndpointService{"ec2"} }, []string{"Endpoints[0]"}},
		"endpoint twice":   {twice, []string{"Endpoints[1]"}},
		"odd retention":    {func(p *constructs.PrivateNetworkProps) { p.FlowLogRetentionDays = 31 }, []string{"FlowLogRetentionDays"}},
		"several at once":  {func(p *constructs.PrivateNetworkProps) { p.Name, p.Zones = "", 9 }, []string{"Name", "Zones"}},
	}
	stack := newStack()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := constructs.PrivateNetworkProps{Name: "shop"}
			c.spoil(&props)
			refused(t, func() { constructs.NewPrivateNetwork(stack, name, &props) }, c.props...)
		})
	}
	refused(t, func() { constructs.NewPrivateNetwork(stack, "none", nil) }, "Name")
}

func TestPrivateNetwork_UnknownPrefixLists_AreRequired(t *testing.T) {
	stack := awscdk.NewStack(nil, nil, nil) // in no region yet
	refused(t, func() {
		constructs.NewPrivateNetwork(stack, "none", &constructs.PrivateNetworkProps{Name: "shop"})
	}, `PrefixLists["dynamodb"]`)
	constructs.NewPrivateNetwork(stack, "Given", &constructs.PrivateNetworkProps{
		Name: "shop", PrefixLists: map[constructs.GatewayService]string{constructs.GatewayDynamoDB: "pl-0123abcd"},
	})
	_, rule := metricOf(t, synth(stack), "AWS::EC2::SecurityGroupEgress", "GivenIsolatedGroup")
	equal(t, "prefix list", at(rule, "Properties", "DestinationPrefixListId"), `"pl-0123abcd"`)
}
