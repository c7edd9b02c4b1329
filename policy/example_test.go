package policy_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/policy"
)

// An app without this library's constructs is checked against the rules.
func Example() {
	out, _ := os.MkdirTemp("", "example-")
	defer os.RemoveAll(out)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(out), Context: &map[string]any{ // usually in cdk.json
		"@aws-cdk/core:validateAgainstDefaultRules":   true,
		"@aws-cdk/core:annotationsInValidationReport": true,
	}})
	policy.Attach(app, &policy.Props{Disposable: true})

	stack := awscdk.NewStack(app, jsii.String("Website"), nil)
	bucket := awss3.NewCfnBucket(stack, jsii.String("Pages"), &awss3.CfnBucketProps{})
	log := awslogs.NewLogGroup(stack, jsii.String("Log"), nil)
	policy.Accept(log, "NIST.800.53.R5-CloudWatchLogGroupEncrypted", "CloudWatch Logs encrypts with a key of its own; nothing personal is logged.")
	policy.Accept(bucket, "AwsSolutions-S1", "The pages are public; the distribution in front logs who reads them.")

	defer func() {
		fmt.Println("the synth failed:", recover() != nil)
		findings, _ := policy.Check(out, &policy.Props{Disposable: true})
		for _, f := range findings {
			fmt.Println(f.Construct, f.Rule.ID)
		}
		accepted, _ := policy.Acceptances(out)
		for _, a := range accepted {
			fmt.Println(a.Construct, "accepts", a.Rule)
		}
	}()
	app.Synth(nil)
	// Output:
	// the synth failed: true
	// Website/Pages policy::public-bucket
	// Website/Pages policy::public-bucket
	// Website/Pages policy::public-bucket
	// Website/Pages policy::public-bucket
	// Website/Pages accepts AwsSolutions-S1
	// Website/Log accepts NIST.800.53.R5-CloudWatchLogGroupEncrypted
}
