package cdk_test

import (
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// eachFullFunction runs a test on every declared function of the stages with all controls.
func eachFullFunction(t *testing.T, test func(t *testing.T, s stage, f *function.Function, built resource)) {
	eachFull(t, func(t *testing.T, s stage) {
		for _, domain := range lambdas.Domains() {
			for _, f := range domain.Functions {
				test(t, s, f, s.named(t, "AWS::Lambda::Function", "FunctionName", s.config.PhysicalName(f.Name)))
			}
		}
	})
}

func TestNetwork_VPC_IsThereIfConfigSaysSo(t *testing.T) {
	eachProfile(t, func(t *testing.T, s stage) {
		want := s.config.Controls.Network.InVPC()
		if got := len(s.ofType("AWS::EC2::VPC")) > 0; got != want {
			t.Errorf("it has a VPC: %v, want %v", got, want)
		}
		if got := s.has("AWS::Lambda::Function", `"VpcConfig"`); got != want {
			t.Errorf("a function runs in a VPC: %v, want %v", got, want)
		}
		for _, kind := range []string{"AWS::EC2::VPCEndpoint", "AWS::EC2::NatGateway"} {
			if n := len(s.ofType(kind)); n > 0 && !want {
				t.Errorf("%d of %s without a VPC", n, kind)
			}
		}
	})
}

func TestNetwork_FullProfile_PlacesFunctionsByTheirExternalServices(t *testing.T) {
	eachFullFunction(t, func(t *testing.T, s stage, f *function.Function, built resource) {
		place, others := "IsolatedSubnet", "EgressSubnet"
		if len(f.Permissions.External) > 0 {
			place, others = others, place
		}
		vpc := text(built.Properties["VpcConfig"])
		if n := strings.Count(vpc, place); n != s.config.Controls.Network.Zones || strings.Contains(vpc, others) {
			t.Errorf("%s calls %v and runs in %s", f.Name, f.Permissions.External, vpc)
		}
	})
}

func TestNetwork_FullProfile_HasEndpointsOfCalledServicesOnly(t *testing.T) {
	eachFull(t, func(t *testing.T, s stage) {
		want := []string{"xray"}
		for _, domain := range lambdas.Domains() {
			for _, f := range domain.Functions {
				for _, service := range f.AWSServices() {
					want = append(want, string(service))
				}
			}
		}
		slices.Sort(want)
		var got []string
		for _, endpoint := range s.some(t, "AWS::EC2::VPCEndpoint") {
			got = append(got, serviceOf(endpoint))
		}
		slices.Sort(got)
		if want = slices.Compact(want); !slices.Equal(got, want) {
			t.Errorf("the endpoints are %v, the functions call %v", got, want)
		}
	})
}

func TestNetworkPage_ListsEndpoints(t *testing.T) {
	page, err := os.ReadFile("../docs/network.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\| (?:gateway|interface) ").FindAllStringSubmatch(string(page), -1) {
		listed = append(listed, row[1])
	}
	slices.Sort(listed)
	eachFull(t, func(t *testing.T, s stage) {
		var built []string
		for _, endpoint := range s.some(t, "AWS::EC2::VPCEndpoint") {
			built = append(built, serviceOf(endpoint))
		}
		if slices.Sort(built); !slices.Equal(built, listed) {
			t.Errorf("docs/network.md lists %v, built are %v", listed, built)
		}
	})
}

// Lambda itself makes these calls for a function, from outside the VPC: it writes the
// log, reads the queues and streams of event sources with their dead letters, and
// connects the function to the VPC. S3 and SQS call KMS themselves.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
var lambdasOwnCalls = slices.Concat(networkActions, []string{
	"logs:CreateLogStream", "logs:PutLogEvents",
	"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility",
	"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
})

func TestNetwork_FullProfile_EveryRightPassesItsEndpoint(t *testing.T) {
	eachFullFunction(t, func(t *testing.T, s stage, f *function.Function, built resource) {
		for _, statement := range s.statements(built) {
			for _, action := range actionsOf(statement) {
				if statement["Effect"] != "Allow" || slices.Contains(lambdasOwnCalls, action) {
					continue
				}
				if action == "sqs:SendMessage" && !slices.Contains(f.AWSServices(), "sqs") {
					continue // dead letters of an event source, which Lambda sends
				}
				if !s.passes(action) {
					t.Errorf("%s may %s, and no endpoint lets it pass", f.Name, action)
				}
			}
		}
	})
}

// endpointOf returns the service of an endpoint for the prefix of an action, where the
// two differ.
var endpointOf = map[string]string{"ses": "email"}

// passes reports whether the policy of an endpoint lets the action of a role of this
// account on this account's resources pass.
func (s stage) passes(action string) bool {
	service, _, _ := strings.Cut(action, ":")
	if other, ok := endpointOf[service]; ok {
		service = other
	}
	own := text(map[string]any{"StringEquals": map[string]any{
		"aws:PrincipalAccount": s.config.Account, "aws:ResourceAccount": s.config.Account}})
	for _, endpoint := range s.ofType("AWS::EC2::VPCEndpoint") {
		if serviceOf(endpoint) != service {
			continue
		}
		policy, _ := endpoint.Properties["PolicyDocument"].(map[string]any)
		statements, _ := policy["Statement"].([]any)
		for _, s := range statements {
			statement := s.(map[string]any)
			if statement["Effect"] == "Allow" && statement["Resource"] == "*" && text(statement["Condition"]) == own &&
				slices.Contains(actionsOf(statement), action) {
				return true
			}
		}
	}
	return false
}

// serviceOf returns the service of an endpoint, such as kms.
func serviceOf(endpoint resource) string {
	name := text(endpoint.Properties["ServiceName"])
	return strings.Trim(name[strings.LastIndex(name, ".")+1:], `"]}`)
}

// Operations of users are unsigned, so their requests have no principal.
func TestNetwork_FullProfile_EndpointsServeOwnAccountOnly(t *testing.T) {
	eachFull(t, func(t *testing.T, s stage) {
		for id, endpoint := range s.some(t, "AWS::EC2::VPCEndpoint") {
			policy, _ := endpoint.Properties["PolicyDocument"].(map[string]any)
			statements, _ := policy["Statement"].([]any)
			if len(statements) == 0 {
				t.Errorf("%s has no policy", id)
			}
			for _, statement := range statements {
				condition := text(statement.(map[string]any)["Condition"])
				signed := statement.(map[string]any)["Sid"] != "UnsignedOfTheAccount"
				if !strings.Contains(condition, `"aws:ResourceAccount":"`+s.config.Account) ||
					signed != strings.Contains(condition, `"aws:PrincipalAccount":"`+s.config.Account) {
					t.Errorf("%s allows under %s", id, condition)
				}
			}
		}
	})
}

func TestNetwork_FullProfile_OnlyEgressSubnetsHaveARouteOut(t *testing.T) {
	eachFull(t, func(t *testing.T, s stage) {
		routes := map[string]int{}
		for _, route := range s.some(t, "AWS::EC2::Route") {
			for _, tier := range []string{"Isolated", "Egress", "Public"} {
				if strings.Contains(text(route.Properties["RouteTableId"]), "Network"+tier) {
					routes[tier]++
				}
			}
		}
		zones := s.config.Controls.Network.Zones
		if routes["Isolated"] != 0 || routes["Egress"] != zones || routes["Public"] != zones {
			t.Errorf("the routes are %v, in %d zones", routes, zones)
		}
		if n := len(s.ofType("AWS::EC2::NatGateway")); n != zones {
			t.Errorf("%d NAT gateways in %d zones", n, zones)
		}
	})
}

func TestNetwork_FullProfile_SecurityGroupsAllowHTTPSOnly(t *testing.T) {
	eachFull(t, func(t *testing.T, s stage) {
		for id, group := range s.some(t, "AWS::EC2::SecurityGroup") {
			if group.Properties["SecurityGroupIngress"] != nil {
				t.Errorf("%s accepts %s", id, text(group.Properties["SecurityGroupIngress"]))
			}
		}
		for id, rule := range s.some(t, "AWS::EC2::SecurityGroupIngress") {
			if !strings.Contains(id, "EndpointGroup") {
				t.Errorf("%s accepts connections", id)
			}
			if rule.Properties["SourceSecurityGroupId"] == nil || rule.Properties["FromPort"] != 443.0 || rule.Properties["ToPort"] != 443.0 {
				t.Errorf("%s accepts %s", id, text(rule.Properties))
			}
		}
		for id, rule := range s.some(t, "AWS::EC2::SecurityGroupEgress") {
			if rule.Properties["FromPort"] != 443.0 || rule.Properties["ToPort"] != 443.0 || rule.Properties["CidrIp"] != nil {
				t.Errorf("%s allows %s", id, text(rule.Properties))
			}
		}
	})
}

func TestNetwork_FullProfile_FlowLogsAreKeptAsConfigured(t *testing.T) {
	eachFull(t, func(t *testing.T, s stage) {
		for _, log := range s.some(t, "AWS::EC2::FlowLog") {
			if log.Properties["TrafficType"] != "ALL" {
				t.Errorf("logged is %v", log.Properties["TrafficType"])
			}
		}
		group := s.named(t, "AWS::Logs::LogGroup", "LogGroupName", "/aws/vpc/"+s.config.PhysicalName("network")+"/flow-logs")
		if group.Properties["RetentionInDays"] != float64(s.config.Logs.RetentionDays) {
			t.Errorf("kept are %v days", group.Properties["RetentionInDays"])
		}
	})
}

// Many executions share a network interface. A subnet that has an address for each of
// them and for each endpoint never runs out.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
func TestNetwork_FullProfile_SubnetsHaveAddressesForEveryExecution(t *testing.T) {
	eachFull(t, func(t *testing.T, s stage) {
		need := s.config.Functions.Concurrency.Quota + len(s.ofType("AWS::EC2::VPCEndpoint"))
		for id, subnet := range s.some(t, "AWS::EC2::Subnet") {
			block, _ := subnet.Properties["CidrBlock"].(string)
			const reserved = 5 // by AWS, in each subnet
			if free := 1<<(32-netip.MustParsePrefix(block).Bits()) - reserved; free < need {
				t.Errorf("%s has %d addresses, want %d", id, free, need)
			}
		}
	})
}

func TestNetwork_FullProfile_CodeMayNotChangeTheNetwork(t *testing.T) {
	eachFullFunction(t, func(t *testing.T, s stage, f *function.Function, built resource) {
		allowed, denied := map[string]bool{}, map[string]bool{}
		for _, statement := range s.statements(built) {
			for _, action := range actionsOf(statement) {
				if strings.HasPrefix(action, "ec2:") && statement["Effect"] == "Allow" {
					allowed[action] = true
				}
				own := `{"ArnEquals":{"lambda:SourceFunctionArn":"arn:aws:lambda:` + s.config.Region + ":" + s.config.Account + ":function:" + s.config.PhysicalName(f.Name) + `"}}`
				if statement["Effect"] == "Deny" && text(statement["Condition"]) == own {
					denied[action] = true
				}
			}
		}
		if len(allowed) == 0 {
			t.Errorf("%s cannot connect to the VPC", f.Name)
		}
		for action := range allowed {
			if !denied[action] {
				t.Errorf("the code of %s may %s", f.Name, action)
			}
		}
	})
}

func TestStacks_EachProfile_HaveAtMost400Resources(t *testing.T) {
	eachProfile(t, func(t *testing.T, s stage) {
		for name, template := range s.templates {
			if n := len(template.Resources); n > 400 {
				t.Errorf("%s has %d", name, n)
			}
		}
	})
}
