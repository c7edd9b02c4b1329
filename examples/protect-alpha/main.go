// Command protect-alpha puts the API of ../alpha-api behind CloudFront and AWS WAF. It
// uses the API's id, because one module cannot require both the alpha and this library:
// cdk deploy --context api=a1b2c3d4e5.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

const (
	region       = "eu-west-2"
	originSecret = "alpha-api/origin"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	id, _ := app.Node().TryGetContext(jsii.String("api")).(string)
	if id == "" {
		fmt.Fprintln(os.Stderr, "name the API: --context api=ID, the output ApiId of the stack alpha-api")
		os.Exit(1)
	}
	home := stackIn(app, "alpha-api-origin", region)
	key := constructs.NewDataKey(home, "Key", &constructs.DataKeyProps{
		Alias: "alpha-api", Services: []constructs.KeyService{constructs.KeyServiceSecretsManager}, Disposable: true,
	})
	constructs.NewApiOriginGuard(home, "Origin", &constructs.ApiOriginGuardProps{
		SecretName: originSecret, Api: constructs.ApiReference{ID: id, Region: region}, EncryptionKey: key.Key, Disposable: true,
	})
	edge := stackIn(app, "alpha-api-edge", constructs.EdgeRegion)
	edge.AddStackDependency(home, nil) // the edge reads the secret that the guard makes
	constructs.NewWafProtectedApi(edge, "Edge", &constructs.WafProtectedApiProps{
		Name: "alpha-api", OriginSecretName: originSecret, Disposable: true,
	})
	app.Synth(nil)
}

func stackIn(app awscdk.App, name, region string) awscdk.Stack {
	return awscdk.NewStack(app, jsii.String(name), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(os.Getenv("CDK_DEFAULT_ACCOUNT")), Region: jsii.String(region)},
	})
}
