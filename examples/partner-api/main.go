// Command partner-api is an app of plain CDK without this library: an HTTP API for
// partners in staging and in production, and a hosted zone. The app in ../partner puts
// CloudFront and AWS WAF in front of both APIs.
package main

import (
	_ "embed"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/jsii-runtime-go"
)

//go:embed handler.py
var handler string

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	for _, environment := range []string{"staging", "prod"} {
		addAPI(awscdk.NewStack(app, jsii.String("partner-api-"+environment), nil), environment)
	}
	addZone(awscdk.NewStack(app, jsii.String("partner-dns"), nil))
	app.Synth(nil)
}

func addAPI(stack awscdk.Stack, environment string) {
	secret := "partner/" + environment + "/origin"
	function := awslambda.NewFunction(stack, jsii.String("Function"), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_PYTHON_3_13(),
		Handler: jsii.String("index.handler"),
		Code:    awslambda.Code_FromInline(jsii.String(handler)),
		Timeout: awscdk.Duration_Seconds(jsii.Number(30)),
		Environment: &map[string]*string{
			"ENVIRONMENT": jsii.String(environment), "ORIGIN_SECRET": jsii.String(secret),
		},
	})
	allowReading(stack, function, secret)
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{
		DefaultIntegration: awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Function"), function, nil),
	})
	awscdk.NewCfnOutput(stack, jsii.String("ApiId"), &awscdk.CfnOutputProps{Value: api.ApiId()})
}

// allowReading lets the function read the secret and use its key through Secrets
// Manager for this secret only. Neither exists yet.
func allowReading(stack awscdk.Stack, function awslambda.Function, secret string) {
	arn := func(service, resource, name string, format awscdk.ArnFormat) *string {
		return stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String(service), Resource: jsii.String(resource), ResourceName: jsii.String(name), ArnFormat: format,
		})
	}
	secretARN := arn("secretsmanager", "secret", secret+"-??????", awscdk.ArnFormat_COLON_RESOURCE_NAME)
	function.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("secretsmanager:GetSecretValue"), Resources: &[]*string{secretARN},
	}))
	function.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("kms:Decrypt"),
		Resources: &[]*string{arn("kms", "key", "*", awscdk.ArnFormat_SLASH_RESOURCE_NAME)},
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"kms:ViaService": "secretsmanager." + *stack.Region() + ".amazonaws.com"},
			"StringLike":   map[string]any{"kms:EncryptionContext:SecretARN": secretARN},
		},
	}))
}

func addZone(stack awscdk.Stack) {
	zone := awsroute53.NewPublicHostedZone(stack, jsii.String("Zone"), &awsroute53.PublicHostedZoneProps{ZoneName: jsii.String("partner.example")})
	awscdk.NewCfnOutput(stack, jsii.String("ZoneId"), &awscdk.CfnOutputProps{Value: zone.HostedZoneId()})
}
