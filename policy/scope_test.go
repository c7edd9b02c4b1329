package policy_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodecommit"
	"github.com/aws/aws-cdk-go/awscdk/v2/pipelines"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/policy"
)

// everyScope makes a stack in each place of an app where a user may put one.
func everyScope(app awscdk.App, stack awscdk.Stack) map[string]awscdk.Stack {
	prod := stageIn(app, "Prod")
	return map[string]awscdk.Stack{
		"a stack":                   stack,
		"a nested stack":            inner(stack),
		"a Stage":                   stackOf(prod),
		"a nested stack of a Stage": inner(stackOf(stageIn(app, "Nesting"))),
		"a Stage of a Stage":        stackOf(stageIn(prod, "Blue")),
		"a Stage of a stack":        stackOf(stageIn(stack, "Test")),
		"a Stage of a construct":    stackOf(stageIn(awsconstructs.NewConstruct(app, jsii.String("Group")), "Dev")),
	}
}

func inner(stack awscdk.Stack) awscdk.Stack {
	return awscdk.NewNestedStack(stack, jsii.String("Inner"), nil)
}

func stageIn(scope awsconstructs.Construct, id string) awscdk.Stage {
	return awscdk.NewStage(scope, jsii.String(id), nil)
}

func stackOf(stage awscdk.Stage) awscdk.Stack {
	return awscdk.NewStack(stage, jsii.String("Core"), nil)
}

// Each source of findings checks every scope, and Accept works there.
func TestAttach_EachScope_HasFindingsOfAllSources(t *testing.T) {
	app, stack := newApp()
	os.Setenv("CDK_VALIDATION", "true")
	attach(app)
	os.Setenv("CDK_VALIDATION", "false")
	scopes := everyScope(app, stack)
	for _, home := range scopes {
		unlimited(home, "Log")
		misspelt(home, "Queue")
		accepted := misspelt(home, "Accepted")
		for _, rule := range []string{"CloudFormation-Validate::F3002", "AwsSolutions-SQS3", "AwsSolutions-SQS4"} {
			policy.Accept(accepted, rule, reason)
		}
	}
	message := panicOf(func() { app.Synth(nil) })
	for source, words := range map[string]string{
		"own rules": "policy::log-retention", "validator": "CloudFormation-Validate::F3002", "cdk-nag": "AwsSolutions-SQS3:", "cdk-nag's other": "AwsSolutions-SQS4:",
	} {
		var finding string
		for part := range strings.SplitSeq(message, "\n\n") {
			if strings.Contains(part, words) {
				finding += part
			}
		}
		for name, home := range scopes {
			resource := *home.Node().Path() + map[bool]string{true: "/Log (", false: "/Queue ("}[source == "own rules"]
			if !strings.Contains(finding, resource) {
				t.Errorf("of the %s nothing is found in %s:\n%s", source, name, message)
			}
		}
	}
	if strings.Contains(message, "/Accepted (") {
		t.Errorf("what is accepted is found:\n%s", message)
	}
}

func TestAttach_PipelineStage_IsCheckedByCDKNag(t *testing.T) {
	app, stack := newApp()
	attach(app)
	source := pipelines.CodePipelineSource_CodeCommit(awscodecommit.Repository_FromRepositoryName(stack, jsii.String("Code"), jsii.String("shop")), jsii.String("main"), nil)
	pipeline := pipelines.NewCodePipeline(stack, jsii.String("Pipeline"), &pipelines.CodePipelineProps{
		Synth: pipelines.NewShellStep(jsii.String("Synth"), &pipelines.ShellStepProps{Input: source, Commands: jsii.Strings("cdk synth")}),
	})
	stage := stageIn(stack, "Prod")
	misspelt(stackOf(stage), "Queue")
	pipeline.AddStage(stage, nil) // synthesizes the Stage
	message := panicOf(func() { app.Synth(nil) })
	for _, words := range []string{"AwsSolutions-SQS3:", "AwsSolutions-SQS4:", "Shop/Prod/Core/Queue (Queue)"} {
		if !strings.Contains(message, words) {
			t.Errorf("the synth does not say %q but\n%s", words, message)
		}
	}
}

func TestAttach_UncheckedStage_FailsSynth(t *testing.T) {
	app, _ := newApp()
	attach(app)
	misspelt(stackOf(stageIn(app, "Prod")), "Queue")
	message := panicOf(func() { app.Synth(&awscdk.StageSynthesisOptions{SkipValidation: jsii.Bool(true)}) })
	if want := "cdk-nag did not check Prod/Core; synthesize the app without SkipValidation"; !strings.Contains(message, want) {
		t.Errorf("the synth says\n%s", message)
	}
}

func TestAttach_CleanStage_Passes(t *testing.T) {
	app, _ := newApp()
	attach(app)
	log := unlimited(stackOf(stageIn(app, "Prod")), "Log")
	policy.Accept(log, policy.LogRetention, reason)
	var accepted []policy.Acceptance
	if message := panicOf(func() { accepted, _ = policy.Acceptances(*app.Synth(nil).Directory()) }); message != "" {
		t.Error(message)
	}
	if want := []policy.Acceptance{{Rule: policy.LogRetention, Construct: "Prod/Core/Log", Reason: reason}}; !slices.Equal(accepted, want) {
		t.Errorf("accepted are %+v", accepted)
	}
}
