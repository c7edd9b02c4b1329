// Package policy is policy as code for AWS CDK apps in Go: every synth holds
// every stack to three sources of rules, and fails on any finding that nobody
// has accepted beside the resource and with a reason.
//
//   - the rules of this package ([Rules]): what a serverless backend that holds
//     people's data must never do
//   - cdk-nag: AWS Solutions and NIST 800-53 R5, warnings included
//   - CDK's own CloudFormation validator, with errors that fail
//
// # Quick start
//
//	app := awscdk.NewApp(nil)
//	defer policy.ExitOnFailure(app) // prints findings, and how to accept them
//	policy.Attach(app, &policy.Props{StatefulFile: "stateful.json"})
//	…
//	policy.Accept(bucket, "AwsSolutions-S1", "Holds public build artefacts only; access to it is of no interest.")
//	app.Synth(nil) // panics on a finding
//
// # How it works
//
// CDK calls the plugins that Attach adds once the templates are written. The
// rules are plain Go over those templates and ask CDK nothing, so [Check] can
// run them over any cloud assembly, and a rule's test is a few lines of JSON.
package policy
