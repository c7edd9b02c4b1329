// Command partner puts CloudFront, AWS WAF and a domain in front of the HTTP APIs of
// ../partner-api, by their ids. Staging and production are each a cdk.Stage. The app is
// checked against every pack of rules.
//
//	cdk deploy '**' --context staging=a1b2c3d4e5 --context prod=f6g7h8i9j0 --context zone=Z0123456789ABCDEFGHIJ
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

const (
	region      = "eu-west-2"
	zoneName    = "partner.example"
	certificate = "1234abcd-12ab-34cd-56ef-1234567890ab"
)

func main() {
	app := awscdk.NewApp(nil)
	defer policy.ExitOnFailure(app)
	policy.Attach(app, &policy.Props{
		StatefulFile: "stateful.json",
		Packs:        []policy.Pack{policy.AwsSolutions, policy.NIST80053R5, policy.HIPAASecurity, policy.PCIDSS321},
	})
	for _, e := range []environment{
		{name: "staging", host: "api-staging." + zoneName},
		{name: "prod", host: "api." + zoneName},
	} {
		e.api = constructs.ApiReference{ID: contextOf(app, e.name), Region: region}
		e.zone = contextOf(app, "zone")
		e.add(awscdk.NewStage(app, jsii.String(e.name), nil))
	}
	app.Synth(nil)
}

// contextOf returns a context value that the command line must contain.
func contextOf(app awscdk.App, name string) string {
	value, _ := app.Node().TryGetContext(jsii.String(name)).(string)
	if value == "" {
		fmt.Fprintf(os.Stderr, "give --context %s=ID, an output of the app in ../partner-api\n", name)
		os.Exit(1)
	}
	return value
}

// environment is one stage of the app: its name, the host that partners call, the id of
// its hosted zone, and the id of the API behind it.
type environment struct {
	name, host, zone string
	api              constructs.ApiReference
}

// originSecret is the secret's name, which the two stacks of an environment share.
func (e environment) originSecret() string { return "partner/" + e.name + "/origin" }

func (e environment) add(stage awscdk.Stage) {
	home, edge := stackIn(stage, "origin", region), stackIn(stage, "edge", constructs.EdgeRegion)
	edge.AddStackDependency(home, jsii.String("the edge reads the secret that the guard makes"))
	e.addGuard(home)
	e.addEdge(edge)
}

func (e environment) addGuard(stack awscdk.Stack) {
	key := constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{
		Alias: "partner/" + e.name, Services: []constructs.KeyService{constructs.KeyServiceSecretsManager},
	})
	guard := constructs.NewApiOriginGuard(stack, "Guard", &constructs.ApiOriginGuardProps{
		SecretName: e.originSecret(), Api: e.api, EncryptionKey: key.Key,
	})
	accept(guard, guardAcceptances)
}

func (e environment) addEdge(stack awscdk.Stack) {
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String(e.zone), ZoneName: jsii.String(zoneName),
	})
	arn := fmt.Sprintf("arn:aws:acm:%s:%s:certificate/%s", constructs.EdgeRegion, *stack.Account(), certificate)
	protected := constructs.NewWafProtectedApi(stack, "Edge", &constructs.WafProtectedApiProps{
		Name: "partner-" + e.name, OriginSecretName: e.originSecret(), Api: e.api,
		Domain: constructs.EdgeDomain{
			Name: e.host, Zone: zone,
			Certificate: awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("Certificate"), jsii.String(arn)),
		},
	})
	accept(protected, edgeAcceptances)
}

func stackIn(stage awscdk.Stage, name, region string) awscdk.Stack {
	return awscdk.NewStack(stage, jsii.String(name), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(os.Getenv("CDK_DEFAULT_ACCOUNT")), Region: jsii.String(region)},
	})
}
