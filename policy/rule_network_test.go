package policy_test

import (
	"testing"

	"github.com/expenzez/infrastructure/policy"
)

// vpc is a network with one subnet that has a route to the internet and one without.
const vpc = `{"Resources": {
	"Isolated": {"Type": "AWS::EC2::Subnet", "Properties": {}},
	"IsolatedTable": {"Type": "AWS::EC2::RouteTable", "Properties": {}},
	"IsolatedPair": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {
		"SubnetId": {"Ref": "Isolated"}, "RouteTableId": {"Ref": "IsolatedTable"}}},
	"Egress": {"Type": "AWS::EC2::Subnet", "Properties": {}},
	"EgressTable": {"Type": "AWS::EC2::RouteTable", "Properties": {}},
	"EgressPair": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {
		"SubnetId": {"Ref": "Egress"}, "RouteTableId": {"Ref": "EgressTable"}}},
	"Route": {"Type": "AWS::EC2::Route", "Properties": {
		"RouteTableId": {"Ref": "EgressTable"}, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}}},
	"Outputs": {"Isolated": {"Value": {"Ref": "Isolated"}}, "Egress": {"Value": {"Ref": "Egress"}}}}`

// callers are a function in each of the subnets of vpc, from another stack.
const callers = `{"Resources": {
	"Orders": {"Type": "AWS::Lambda::Function", "Properties": {"VpcConfig": {
		"SubnetIds": [{"Fn::GetStackOutput": {"StackName": "stack-1", "OutputName": "Isolated"}}]}}},
	"Payments": {"Type": "AWS::Lambda::Function", "Properties": {"Tags": [{"Key": "external-services", "Value": "bank"}], "VpcConfig": {
		"SubnetIds": [{"Fn::GetStackOutput": {"StackName": "stack-1", "OutputName": "Egress"}}]}}},
	"Outside": {"Type": "AWS::Lambda::Function", "Properties": {}}}}`

func TestFunctionEgress_FunctionInItsSubnets_HasNoFindings(t *testing.T) {
	if got := found(t, written(t, "", vpc, callers), policy.FunctionEgress, policy.Props{}); got != nil {
		t.Errorf("found %q", got)
	}
}

func TestFunctionEgress_FunctionInWrongSubnets_IsFinding(t *testing.T) {
	const (
		noTag  = "the function's subnets have a route to the internet, and it names no service that it calls there"
		noPath = `the function calls "bank", and its subnets have no route to the internet`
	)
	isolated := `[{"Fn::GetStackOutput": {"StackName": "stack-1", "OutputName": "Isolated"}}]`
	egress := `[{"Fn::GetStackOutput": {"StackName": "stack-1", "OutputName": "Egress"}}]`
	for name, c := range map[string]struct{ network, functions, want string }{
		"a route that is not needed": {vpc, edited(t, callers, "Orders.Properties.VpcConfig.SubnetIds", egress), "S2/Orders: " + noTag},
		"a route by IPv6": {edited(t, vpc, "Route.Properties", `{"RouteTableId": {"Ref": "IsolatedTable"}, "DestinationIpv6CidrBlock": "::/0"}`),
			edited(t, callers, "Payments.Properties.Tags", ""), "S2/Orders: " + noTag},
		"a service without a route": {vpc, edited(t, callers, "Payments.Properties.VpcConfig.SubnetIds", isolated), "S2/Payments: " + noPath},
		"a route to one network only": {edited(t, vpc, "Route.Properties.DestinationCidrBlock", `"10.9.0.0/16"`), callers,
			"S2/Payments: " + noPath},
	} {
		t.Run(name, func(t *testing.T) {
			got := found(t, written(t, "", c.network, c.functions), policy.FunctionEgress, policy.Props{})
			if len(got) != 1 || got[0] != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}
