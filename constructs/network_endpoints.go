package constructs

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// EndpointService is a service with an interface endpoint, by the last part of the
// endpoint's service name.
// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
type EndpointService string

// The services for which a PrivateNetwork can make interface endpoints.
const (
	EndpointCognito        EndpointService = "cognito-idp"
	EndpointEventBridge    EndpointService = "events"
	EndpointKMS            EndpointService = "kms"
	EndpointLambda         EndpointService = "lambda"
	EndpointLogs           EndpointService = "logs"
	EndpointSES            EndpointService = "email"
	EndpointSNS            EndpointService = "sns"
	EndpointSQS            EndpointService = "sqs"
	EndpointSSM            EndpointService = "ssm"
	EndpointSTS            EndpointService = "sts"
	EndpointSecretsManager EndpointService = "secretsmanager"
	EndpointXRay           EndpointService = "xray"
)

// endpointActions are the actions that endpoints allow by default: actions of
// functions, not of administrators. AllowEndpointActions adds others.
var endpointActions = map[EndpointService][]string{
	EndpointCognito: {
		"cognito-idp:AdminAddUserToGroup", "cognito-idp:AdminConfirmSignUp", "cognito-idp:AdminCreateUser",
		"cognito-idp:AdminDeleteUser", "cognito-idp:AdminDeleteUserAttributes", "cognito-idp:AdminDisableUser",
		"cognito-idp:AdminEnableUser", "cognito-idp:AdminGetUser", "cognito-idp:AdminInitiateAuth",
		"cognito-idp:AdminLinkProviderForUser", "cognito-idp:AdminListGroupsForUser",
		"cognito-idp:AdminRemoveUserFromGroup", "cognito-idp:AdminResetUserPassword",
		"cognito-idp:AdminRespondToAuthChallenge", "cognito-idp:AdminSetUserMFAPreference",
		"cognito-idp:AdminSetUserPassword", "cognito-idp:AdminUpdateUserAttributes",
		"cognito-idp:AdminUserGlobalSignOut", "cognito-idp:ListUsers",
	},
	EndpointEventBridge: {"events:PutEvents"},
	EndpointKMS: {
		"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
		"kms:GenerateMac", "kms:VerifyMac",
	},
	EndpointLambda: {"lambda:InvokeFunction"},
	EndpointLogs:   {"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
	EndpointSES:    {"ses:SendEmail", "ses:SendRawEmail"},
	EndpointSNS: {
		"sns:Publish", "sns:CreatePlatformEndpoint", "sns:DeleteEndpoint",
		"sns:GetEndpointAttributes", "sns:SetEndpointAttributes",
	},
	EndpointSQS: {
		"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility",
		"sqs:GetQueueAttributes", "sqs:GetQueueUrl",
	},
	EndpointSSM: {"ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"},
	EndpointSTS: {"sts:AssumeRole", "sts:GetCallerIdentity"},
	EndpointSecretsManager: {
		"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", // the next three are for rotation
		"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage", "secretsmanager:GetRandomPassword",
	},
	EndpointXRay: {
		"xray:PutTraceSegments", "xray:PutTelemetryRecords",
		"xray:PutSpans", "xray:PutSpansForIndexing", // by the OTLP endpoint, beside PutTraceSegments
		"xray:GetSamplingRules", "xray:GetSamplingTargets",
	},
}

// unsignedCognitoActions are actions that a client calls for its user. Their
// requests are not signed, so they have no principal account. Only the account of
// the user pool can be checked.
var unsignedCognitoActions = []string{
	"cognito-idp:ChangePassword", "cognito-idp:ConfirmForgotPassword", "cognito-idp:ConfirmSignUp",
	"cognito-idp:ForgotPassword", "cognito-idp:GetTokensFromRefreshToken", "cognito-idp:GetUser", "cognito-idp:GlobalSignOut",
	"cognito-idp:InitiateAuth", "cognito-idp:ResendConfirmationCode", "cognito-idp:RespondToAuthChallenge",
	"cognito-idp:RevokeToken", "cognito-idp:SignUp", "cognito-idp:UpdateUserAttributes",
}

// addInterfaceEndpoints makes the interface endpoints in the isolated subnets.
// Their security group accepts connections of the functions' groups.
func (n *PrivateNetwork) addInterfaceEndpoints() {
	if len(n.props.Endpoints) == 0 {
		return
	}
	group := n.newSecurityGroup("EndpointGroup", "Interface endpoints")
	for _, functions := range n.functionGroups() {
		group.AddIngressRule(functions, awsec2.Port_HTTPS(), jsii.String("HTTPS of functions"), nil)
		functions.AddEgressRule(group, awsec2.Port_HTTPS(), jsii.String("HTTPS to the interface endpoints"), nil)
	}
	for _, service := range n.props.Endpoints {
		endpoint := awsec2.NewInterfaceVpcEndpoint(n, jsii.String(camelCase(string(service), "endpoint")), &awsec2.InterfaceVpcEndpointProps{
			Vpc:               n.Vpc,
			Service:           awsec2.NewInterfaceVpcEndpointAwsService(jsii.String(string(service)), nil, nil, nil),
			Subnets:           &awsec2.SubnetSelection{Subnets: &n.IsolatedSubnets},
			SecurityGroups:    &[]awsec2.ISecurityGroup{group},
			PrivateDnsEnabled: jsii.Bool(true),
			Open:              jsii.Bool(false), // only the security group's sources may connect
		})
		endpoint.AddToPolicy(n.allowWithinAccount("OfTheAccount", endpointActions[service], "aws:PrincipalAccount", "aws:ResourceAccount"))
		if service == EndpointCognito {
			endpoint.AddToPolicy(n.allowWithinAccount("UnsignedOfTheAccount", unsignedCognitoActions, "aws:ResourceAccount"))
		}
		n.endpoints[service] = endpoint
		guardPolicySize(endpoint.Node(), &policySizeGuard{
			stack: awscdk.Stack_Of(n), quota: endpointPolicySize, prop: "AllowEndpointActions", advice: "let fewer actions through",
			documents: func() []any {
				var cfn awsec2.CfnVPCEndpoint
				jsii.UnsafeCast(endpoint.Node().DefaultChild(), &cfn)
				return []any{cfn.PolicyDocument()}
			},
		})
	}
}

// AllowEndpointActions lets an endpoint of the network pass more actions within the
// account. A role still needs its own permission. AllowEndpointActions panics with
// a *PropsError if the network has no such endpoint or an action is not exact.
func (n *PrivateNetwork) AllowEndpointActions(service EndpointService, actions ...string) {
	var bad problems
	bad.require(slices.Contains(n.props.Endpoints, service), "service", "the network has no endpoint %q; add it to Endpoints", service)
	bad.require(len(actions) > 0, "actions", "are missing; name at least one")
	for _, a := range actions {
		bad.require(actionPattern.MatchString(a), "actions", "%q is not an exact action; write service:Action without wildcards", a)
	}
	bad.panicIfAny("PrivateNetwork.AllowEndpointActions", n, "")
	n.endpoints[service].AddToPolicy(n.allowWithinAccount("", actions, "aws:PrincipalAccount", "aws:ResourceAccount"))
}

// allowWithinAccount allows actions if each of the condition keys is the network's
// own account. The policies of roles and resources decide further.
func (n *PrivateNetwork) allowWithinAccount(sid string, actions []string, keys ...string) awsiam.PolicyStatement {
	own := map[string]any{}
	for _, key := range keys {
		own[key] = *awscdk.Stack_Of(n).Account()
	}
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        stringOrNil(sid),
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions:    jsii.Strings(actions...),
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{"StringEquals": own},
	})
}
