// Package policy is policy as code for AWS CDK apps in Go. Every synth checks every
// stack against three sources of rules. The synth fails on each finding that the
// code does not accept with a reason.
//
//   - the rules of this package ([Rules]), for serverless backends that hold
//     personal data
//   - cdk-nag: AWS Solutions and NIST 800-53 R5, warnings included
//   - errors of CDK's own CloudFormation validator
//
// # Quick start
//
//	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{
//		"@aws-cdk/core:validateAgainstDefaultRules":   true,
//		"@aws-cdk/core:annotationsInValidationReport": true,
//	}})
//	defer policy.ExitOnFailure(app) // prints findings, and how to accept them
//	policy.Attach(app, &policy.Props{StatefulFile: "stateful.json"})
//	…
//	policy.Accept(bucket, "AwsSolutions-S1", "Holds public build artefacts only; no access log is needed.")
//	app.Synth(nil) // panics on a finding
//
// The context turns the findings of the validator and of cdk-nag into failures. It may
// be in cdk.json instead, which the cdk CLI reads and "go run ." does not.
//
// # How it works
//
// CDK calls the plugins that Attach adds after it has written the templates. The
// rules are plain Go functions over those templates and make no call to CDK. So
// [Check] can run them over any cloud assembly, and a rule's test is a few lines
// of JSON.
package policy
