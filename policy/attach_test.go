package policy_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/policy"
)

func TestAttach_InvalidProps_Panics(t *testing.T) {
	app, _ := newApp()
	refused(t, func() { policy.Attach(app, nil) }, "StatefulFile")
	refused(t, func() {
		policy.Attach(app, &policy.Props{Disposable: true, Packs: []policy.Pack{"SOC2"}, MaxResources: 501})
	}, "Packs[0]", "MaxResources")
	refused(t, func() { policy.Attach(app, &policy.Props{Disposable: true, MaxResources: -1}) }, "MaxResources")
}

func TestAttach_MissingFeatureFlags_Panics(t *testing.T) {
	attach := func() { policy.Attach(awscdk.NewApp(nil), &policy.Props{Disposable: true}) }
	refused(t, attach, "app", "app")
	const want = `policy.Attach: invalid props
  app: has the feature flag @aws-cdk/core:validateAgainstDefaultRules off; ` +
		"set it to true in cdk.json (read by the cdk CLI, not by `go run`) or in AppProps.Context"
	if got := panicOf(attach); !strings.HasPrefix(got, want) {
		t.Errorf("got %s", got)
	}
}

func TestAttach_DefaultPacks_AreAWSSolutionsAndNIST(t *testing.T) {
	app, stack := newApp()
	policy.Attach(app, &policy.Props{Disposable: true})
	misspelt(stack, "Queue")
	unlimited(stack, "Log")
	message := panicOf(func() { app.Synth(nil) })
	if !strings.Contains(message, "AwsSolutions-SQS4") || !strings.Contains(message, "NIST.800.53.R5-CloudWatchLogGroupEncrypted") {
		t.Errorf("the synth says\n%s", message)
	}
}

func TestAttach_OtherPacks_HaveFindings(t *testing.T) {
	app, stack := newApp()
	policy.Attach(app, &policy.Props{Disposable: true, Packs: []policy.Pack{policy.HIPAASecurity, policy.PCIDSS321}})
	unlimited(stack, "Log")
	message := panicOf(func() { app.Synth(nil) })
	if !strings.Contains(message, "HIPAA.Security-CloudWatchLogGroupEncrypted") || !strings.Contains(message, "PCI.DSS.321-CloudWatchLogGroupEncrypted") {
		t.Errorf("the synth says\n%s", message)
	}
}

func TestAttach_NestedStackInStage_IsChecked(t *testing.T) {
	app, _ := newApp()
	attach(app)
	stage := awscdk.NewStage(app, jsii.String("Prod"), nil)
	stack := awscdk.NewStack(stage, jsii.String("Core"), nil)
	nested := awscdk.NewNestedStack(stack, jsii.String("Inner"), nil)
	unlimited(nested, "Log")
	policy.Accept(unlimited(nested, "Accepted"), policy.LogRetention, reason)
	message := panicOf(func() { app.Synth(nil) })
	if !strings.Contains(message, "Prod/Core/Inner/Log (Log)") || strings.Count(message, "policy::log-retention") != 1 {
		t.Errorf("the synth says\n%s", message)
	}
}
