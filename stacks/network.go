package stacks

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/policy"
)

// gateways and endpoints are the services of AWS that functions in the VPC reach without
// egress. A function that calls a service of neither list runs in the egress subnets.
// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
var (
	gateways = map[function.AWSService]constructs.GatewayService{
		function.DynamoDB: constructs.GatewayDynamoDB,
		function.S3:       constructs.GatewayS3,
	}
	endpoints = map[function.AWSService]constructs.EndpointService{
		function.Cognito:        constructs.EndpointCognito,
		function.KMS:            constructs.EndpointKMS,
		function.SecretsManager: constructs.EndpointSecretsManager,
		function.SES:            constructs.EndpointSES,
		function.SNS:            constructs.EndpointSNS,
		function.SQS:            constructs.EndpointSQS,
	}
)

var egressKinds = map[config.Egress]constructs.EgressKind{
	config.NATGatewayPerZone: constructs.NATGatewayPerZone,
	config.NATGateway:        constructs.NATGateway,
	config.NATInstance:       constructs.NATInstance,
	config.IPv6Egress:        constructs.IPv6EgressOnly,
}

// network is where the functions of a stage run.
type network struct {
	config config.Network
	// vpc is nil for a stage whose functions run outside a VPC.
	vpc *constructs.PrivateNetwork
}

// newNetwork builds the VPC, with an endpoint for each service that a function of the
// domains calls.
func newNetwork(app awscdk.App, cfg config.Config, domains []function.Domain) *network {
	n := &network{config: cfg.Controls.Network}
	if !n.config.InVPC() {
		return n
	}
	stack := newStack(app, cfg, "network", "VPC of the functions, its endpoints and egress")
	props := &constructs.PrivateNetworkProps{
		Name:                 cfg.PhysicalName("network"),
		Zones:                n.config.Zones,
		Egress:               egressKinds[n.config.Egress],
		FlowLogRetentionDays: cfg.Logs.RetentionDays,
		RejectedFlowsOnly:    n.config.FlowLogs == config.RejectedFlows,
		Disposable:           cfg.Data.Disposable,

		KeepDefaultSecurityGroup: n.config.KeepDefaultGroup,
	}
	for _, service := range called(domains) {
		if gateway, ok := gateways[service]; ok {
			props.Gateways = append(props.Gateways, gateway)
		} else if n.reaches(service) {
			props.Endpoints = append(props.Endpoints, endpoints[service])
		}
	}
	if cfg.Traces.XRay() {
		props.Endpoints = append(props.Endpoints, constructs.EndpointXRay)
	}
	n.vpc = constructs.NewPrivateNetwork(stack, "Network", props)
	n.acceptNetwork(stack)
	return n
}

// called returns the services of AWS that the functions call, each once and in order.
func called(domains []function.Domain) []function.AWSService {
	var services []function.AWSService
	for _, domain := range domains {
		for _, f := range domain.Functions {
			services = append(services, f.AWSServices()...)
		}
	}
	slices.Sort(services)
	return slices.Compact(services)
}

// reaches reports whether functions in the isolated subnets reach the service.
func (n *network) reaches(service function.AWSService) bool {
	if _, ok := gateways[service]; ok {
		return true
	}
	_, ok := endpoints[service]
	return ok && !slices.Contains(n.config.WithoutEndpoint, config.Endpoint(service))
}

// outside returns what the function calls that no endpoint of the VPC leads to: external
// services, and services of AWS by their hosts.
func (n *network) outside(declared *function.Function) []string {
	var found []string
	for _, service := range declared.Permissions.External {
		found = append(found, string(service))
	}
	for _, service := range declared.AWSServices() {
		if !n.reaches(service) {
			found = append(found, string(service)+".amazonaws.com")
		}
	}
	return found
}

// placement returns the subnets that the function runs in, nil outside a VPC.
func (n *network) placement(declared *function.Function) *constructs.FunctionNetwork {
	switch {
	case n.vpc == nil:
		return nil
	case len(n.outside(declared)) > 0:
		return n.vpc.Egress()
	}
	return n.vpc.Isolated()
}

// declare names on the function what it calls by egress, which policy::function-egress
// compares with its subnets. Outside a VPC, it accepts that the function has none.
func (n *network) declare(built *constructs.LeastPrivilegeFunction, declared *function.Function) {
	if n.vpc == nil {
		policy.Accept(built, "NIST.800.53.R5-LambdaInsideVPC",
			calls(declared)+" The stage's configuration runs functions outside a VPC, for the reasons in docs/decisions/0021.")
		return
	}
	if outside := n.outside(declared); len(outside) > 0 {
		awscdk.Tags_Of(built.Function).Add(jsii.String(policy.ExternalServicesTag), jsii.String(strings.Join(outside, " ")), nil)
	}
}

// calls says which services the function calls.
func calls(declared *function.Function) string {
	if len(declared.Permissions.External) > 0 {
		return "It calls external services on the internet, and AWS's public endpoints under its own role, over TLS."
	}
	return "It calls AWS's public endpoints only, over TLS and under its own role."
}

// acceptNetwork accepts the rules that do not fit a VPC with egress.
func (n *network) acceptNetwork(stack awscdk.Stack) {
	acceptForFunctions(stack)
	n.acceptDefaultGroup(stack)
	if n.config.Egress != config.IPv6Egress {
		policy.Accept(n.vpc, "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW",
			"Only the public subnets of the NAT have the route; the functions' subnets have none.")
	}
	if n.config.Egress == config.NATInstance {
		for rule, reason := range map[string]string{
			"AwsSolutions-EC28":                    "Metrics every five minutes are enough for an instance that only forwards; metrics every minute are charged.",
			"AwsSolutions-EC29":                    "The instance has no data, and a new image replaces it; termination protection would fail that deployment.",
			"NIST.800.53.R5-EC2IMDSv2Enabled":      "The instance requires tokens by its own MetadataOptions; cdk-nag checks launch templates only.",
			"NIST.800.53.R5-EC2InstanceNoPublicIp": "A NAT instance reaches the internet by its public IP address; it accepts HTTPS from the functions' group only.",
			"NIST.800.53.R5-EC2InstancesInVPC":     "Its network interface is in the VPC's public subnet; cdk-nag checks the instance's SubnetId only.",
		} {
			policy.Accept(n.vpc, rule, reason)
		}
	}
}

// acceptDefaultGroup accepts the rules of the default security group, or the function by
// which CDK removes them.
func (n *network) acceptDefaultGroup(stack awscdk.Stack) {
	if n.config.KeepDefaultGroup {
		policy.Accept(n.vpc, "NIST.800.53.R5-VPCDefaultSecurityGroupClosed",
			"No resource is in the default group, and the endpoints accept connections of the functions' groups only.")
		return
	}
	policy.Accept(n.vpc, "NIST.800.53.R5-VPCDefaultSecurityGroupClosed",
		"API calls during the deployment remove the rules of the default group, which the template cannot show.")
	revoke := stack.Node().FindChild(jsii.String("AWS679f53fac002430cb0da5b7982bd2287"))
	for rule, reason := range map[string]string{
		"NIST.800.53.R5-LambdaConcurrency": "CDK's function for single API calls runs during deployments only.",
		"NIST.800.53.R5-LambdaDLQ":         "CloudFormation waits for the result of CDK's function, and an error fails the deployment.",
		"NIST.800.53.R5-LambdaInsideVPC":   "CDK's function for single API calls only needs the EC2 API, before the VPC can reach it.",
		policy.FunctionTraced:              "CDK's function for single API calls runs during deployments only, and CloudTrail records its calls.",
	} {
		policy.Accept(revoke, rule, reason)
	}
}
