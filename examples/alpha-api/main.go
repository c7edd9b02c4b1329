// Command alpha-api is a CDK app that still builds its HTTP API with the alpha module
// awscdkapigatewayv2alpha. It is a Go module of its own, because the alpha's last
// release compiles with CDK up to 2.221 only. The app in ../protect-alpha protects its
// API by the API's id and region.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	alpha "github.com/aws/aws-cdk-go/awscdkapigatewayv2alpha/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("alpha-api"), &awscdk.StackProps{
		Description: jsii.String("An HTTP API built with the alpha module"),
	})
	api := alpha.NewHttpApi(stack, jsii.String("Api"), &alpha.HttpApiProps{
		ApiName: jsii.String("alpha-api"),
		CorsPreflight: &alpha.CorsPreflightOptions{
			AllowOrigins: jsii.Strings("https://www.example.com"),
			AllowMethods: &[]alpha.CorsHttpMethod{alpha.CorsHttpMethod_GET},
		},
	})
	awscdk.NewCfnOutput(stack, jsii.String("ApiId"), &awscdk.CfnOutputProps{Value: api.ApiId()})
	app.Synth(nil)
}
