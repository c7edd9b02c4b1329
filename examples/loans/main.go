// Command loans is a CDK app of another domain, a public library that lends books,
// composed of package constructs. It is a Go module of its own, like an app of another
// team.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

// originSecret is the secret's name, which the API's stack and the edge's stack share.
const originSecret = "loans/origin"

func main() {
	app := awscdk.NewApp(nil)
	defer policy.ExitOnFailure(app)
	policy.Attach(app, &policy.Props{Packs: []policy.Pack{policy.AwsSolutions}, Disposable: true})
	api, edge := stackIn(app, "loans-api", "eu-west-2"), stackIn(app, "loans-edge", constructs.EdgeRegion)
	addAPI(api)
	addEdge(edge)
	edge.AddStackDependency(api, nil) // the edge reads the secret that the API's stack makes
	app.Synth(nil)
}

func stackIn(app awscdk.App, name, region string) awscdk.Stack {
	return awscdk.NewStack(app, jsii.String(name), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(os.Getenv("CDK_DEFAULT_ACCOUNT")), Region: jsii.String(region)},
	})
}

// addAPI adds a table, a monitored function with two permissions on the table, and an
// API that accepts only requests from the edge.
func addAPI(stack awscdk.Stack) {
	key := constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{
		Alias: "loans",
		Services: []constructs.KeyService{
			constructs.KeyServiceDynamoDB, constructs.KeyServiceSecretsManager, constructs.KeyServiceAlerts,
		},
		Disposable: true,
	})
	loans := constructs.NewSecureTable(stack, "Loans", &constructs.SecureTableProps{
		Name:          "loans",
		PartitionKey:  constructs.TableKey{Name: "book"},
		EncryptionKey: key.Key,
		Disposable:    true,
	})
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{
		Name: "loans-alerts", EncryptionKey: key.Key, Emails: []string{"desk@library.example"},
	})
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{
		ApiName: jsii.String("loans"), CreateDefaultStage: jsii.Bool(false),
	})
	constructs.NewHttpApiStage(stack, "Stage", &constructs.HttpApiStageProps{
		Api:       api,
		AccessLog: constructs.NewRetainedLogGroup(stack, "AccessLog", &constructs.RetainedLogGroupProps{Name: "/loans/api", Disposable: true}),
	})
	origin := constructs.NewApiOriginGuard(stack, "Origin", &constructs.ApiOriginGuardProps{
		SecretName: originSecret, Api: constructs.ApiReference{Api: api}, EncryptionKey: key.Key, Disposable: true,
	})
	policy.Accept(origin, "AwsSolutions-SMG4", "The edge shows one version by its id; docs/constructs/waf-protected-api.md says how it is rotated.")

	lend := constructs.NewMonitoredFunction(stack, "Lend", &constructs.MonitoredFunctionProps{
		Function: constructs.LeastPrivilegeFunctionProps{
			Name:         "loans-lend",
			Code:         constructs.GoBundle{Package: "./function", OutputDir: "../../.build/examples"},
			Architecture: architecture(),
			Grants: []constructs.Grant{
				loans.Allow(constructs.PutItem, constructs.GetItem),
				origin.AllowRead(),
			},
			Environment: map[string]string{"TABLE_LOANS": *loans.Table.TableName(), "ORIGIN_SECRET_ARN": origin.ARN()},
			Disposable:  true,
		},
		Alarms: constructs.FunctionAlarms{
			Route: constructs.AlarmRoute{Target: alerts, RunbookURL: "https://wiki.library.example/loans"},
		},
	})
	addRoutes(stack, api, lend)
	policy.Accept(stack, "AwsSolutions-IAM5", "policy::wildcard judges every wildcard more exactly.")
	awscdk.NewCfnOutput(stack, jsii.String("ApiId"), &awscdk.CfnOutputProps{Value: api.ApiId()})
}

func addRoutes(stack awscdk.Stack, api awsapigatewayv2.HttpApi, lend *constructs.MonitoredFunction) {
	integration := awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Lend"), lend.Function.Alias,
		&awsapigatewayv2integrations.HttpLambdaIntegrationProps{ScopePermissionToRoute: jsii.Bool(false)})
	for _, method := range []awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod_GET, awsapigatewayv2.HttpMethod_PUT} {
		route := awsapigatewayv2.NewHttpRoute(stack, jsii.String(string(method)+"Loan"), &awsapigatewayv2.HttpRouteProps{
			HttpApi:     api,
			RouteKey:    awsapigatewayv2.HttpRouteKey_With(jsii.String("/loans/{book}"), method),
			Integration: integration,
			Authorizer:  awsapigatewayv2.NewHttpNoneAuthorizer(),
		})
		policy.Accept(route, "AwsSolutions-APIG4", "Readers have no accounts: the desk's network is all that may call, by the edge's rules.")
	}
}

// addEdge puts CloudFront and AWS WAF in front of the API. The stack reads the shared
// secret by its name.
func addEdge(stack awscdk.Stack) {
	edge := constructs.NewWafProtectedApi(stack, "Edge", &constructs.WafProtectedApiProps{
		Name:             "loans",
		OriginSecretName: originSecret,
		Rules: constructs.WebACLRules{
			GeoRestriction: constructs.GeoRestriction{AllowedCountries: []string{"GB"}},
			PerPath:        []constructs.PathRate{{PathPrefix: "/loans/", Requests: 300}},
		},
		Disposable: true,
	})
	policy.Accept(edge, "AwsSolutions-CFR1", "The web ACL decides by country, and answers 400 where CloudFront would answer 403.")
	policy.Accept(edge, "AwsSolutions-CFR3", "Access logs are delivered to CloudWatch Logs; cdk-nag looks for the older way to S3.")
	policy.Accept(edge, "AwsSolutions-CFR4", "The library has no domain yet; with EdgeDomain the oldest protocol is TLS 1.2.")
}

// architecture returns the architecture that the function is built for: arm64 on AWS,
// and the machine's own on an engine that runs functions as processes.
func architecture() constructs.Architecture {
	return constructs.Architecture(os.Getenv("EXAMPLE_ARCHITECTURE"))
}
