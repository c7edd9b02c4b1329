package policy_test

import (
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/expenzez/infrastructure/policy"
)

const reason = "This queue is only ever read by the test itself."

// unlimited makes a log group that violates a rule of this package.
func unlimited(stack awscdk.Stack, id string) awslogs.CfnLogGroup {
	return awslogs.NewCfnLogGroup(stack, jsii.String(id), &awslogs.CfnLogGroupProps{})
}

// misspelt makes a queue that violates CloudFormation's schema and rules of cdk-nag.
func misspelt(stack awscdk.Stack, id string) awssqs.CfnQueue {
	queue := awssqs.NewCfnQueue(stack, jsii.String(id), &awssqs.CfnQueueProps{})
	queue.AddPropertyOverride(jsii.String("Nonsense"), 3)
	return queue
}

// attach attaches a pack without a rule about unencrypted log groups.
func attach(app awscdk.App) {
	policy.Attach(app, &policy.Props{Packs: []policy.Pack{policy.AwsSolutions}, Disposable: true})
}

// halfAccepted returns the panic of the synth of an app with two log groups and two
// queues. They violate rules of all three sources, and the first of each is accepted.
// The synth runs once, because CDK's validator takes seconds.
var halfAccepted = sync.OnceValue(func() string {
	app, stack := newApp()
	os.Setenv("CDK_VALIDATION", "true")
	attach(app)
	os.Setenv("CDK_VALIDATION", "false")
	policy.Accept(unlimited(stack, "Log"), policy.LogRetention, reason)
	queue := misspelt(stack, "Queue")
	for _, rule := range []string{"CloudFormation-Validate::F3002", "AwsSolutions-SQS3", "AwsSolutions-SQS4"} {
		policy.Accept(queue, rule, reason)
	}
	unlimited(stack, "OtherLog")
	misspelt(stack, "OtherQueue")
	return panicOf(func() { app.Synth(nil) })
})

func TestAttach_FindingOfEachSource_FailsSynth(t *testing.T) {
	for _, words := range []string{
		"the log group has no RetentionInDays. Otherwise CloudWatch Logs keeps and bills every line for ever. (policy)\n   Shop/OtherLog (OtherLog)",
		"Suggested fix: set RetentionInDays", "Rule policy::log-retention",
		"AwsSolutions-SQS4: The SQS queue does not require requests to use SSL", "Shop/OtherQueue (OtherQueue)",
		"Nonsense: Additional properties are not allowed", "CloudFormation-Validate::F3002",
	} {
		if !strings.Contains(halfAccepted(), words) {
			t.Errorf("the synth does not say %q but\n%s", words, halfAccepted())
		}
	}
}

func TestAccept_OtherConstruct_IsStillFinding(t *testing.T) {
	for _, words := range []string{"policy::log-retention", "AwsSolutions-SQS3:", "AwsSolutions-SQS4:", "CloudFormation-Validate::F3002"} {
		if n := strings.Count(halfAccepted(), words); n != 1 {
			t.Errorf("%d findings of %q, want 1:\n%s", n, words, halfAccepted())
		}
	}
	for _, path := range []string{"Shop/Log ", "Shop/Queue "} {
		if strings.Contains(halfAccepted(), path) {
			t.Errorf("%sis accepted and found:\n%s", path, halfAccepted())
		}
	}
}

func TestAccept_Stack_CoversLaterResources(t *testing.T) {
	app, stack := newApp()
	policy.Attach(app, &policy.Props{Packs: []policy.Pack{policy.PCIDSS321}, Disposable: true})
	policy.Accept(stack, policy.LogRetention, reason)
	policy.Accept(stack, "PCI.DSS.321-CloudWatchLogGroupEncrypted", reason)
	policy.Accept(stack, "PCI.DSS.321-CloudWatchLogGroupRetentionPeriod", reason)
	unlimited(stack, "Log")
	if message := panicOf(func() { app.Synth(nil) }); message != "" {
		t.Error(message)
	}
}

func TestAccept_GranularNagRule_SuppressesOneFinding(t *testing.T) {
	app, stack := newApp()
	log := unlimited(stack, "Log")
	policy.Accept(log, "AwsSolutions-IAM5[Resource::*]", reason)
	policy.Accept(log, policy.LogRetention, reason)
	suppressions := log.GetMetadata(jsii.String("cdk_nag"))
	want := map[string]any{"rules_to_suppress": []any{map[string]any{"id": "AwsSolutions-IAM5", "reason": reason, "applies_to": []any{"Resource::*"}}}}
	if !reflect.DeepEqual(suppressions, want) {
		t.Errorf("the suppression is %v", suppressions)
	}
	attach(app)
	if message := panicOf(func() { app.Synth(nil) }); message != "" {
		t.Error(message)
	}
}

func TestUnusedAcceptance_WithoutAccept_IsFinding(t *testing.T) {
	app, stack := newApp()
	attach(app)
	log := unlimited(stack, "Log")
	awscdk.Validations_Of(log).Acknowledge(&awscdk.Acknowledgment{Id: jsii.String("policy::log-retention"), Reason: jsii.String(reason)})
	suppression := &[]*cdknag.NagPackSuppression{{Id: jsii.String("AwsSolutions-S1"), Reason: jsii.String(reason)}}
	cdknag.NagSuppressions_AddResourceSuppressions(log, suppression, nil)
	cdknag.NagSuppressions_AddStackSuppressions(stack, suppression, nil)
	message := panicOf(func() { app.Synth(nil) })
	for _, words := range []string{
		"Rule policy::log-retention",
		"policy::log-retention is acknowledged without policy.Accept",
		"AwsSolutions-S1 is suppressed without policy.Accept",
		"AwsSolutions-S1 is suppressed for the whole stack without policy.Accept",
	} {
		if !strings.Contains(message, words) {
			t.Errorf("the synth does not say %q but\n%s", words, message)
		}
	}
}

func TestUnusedAcceptance_NoFinding_IsFinding(t *testing.T) {
	dir := written(t, `"/S1/Log": [{"type": "policy:acceptance", "data": {"rule": "policy::log-retention", "reason": "r"}}]`, sound)
	got := found(t, dir, policy.UnusedAcceptance, policy.Props{})
	if len(got) != 1 || got[0] != "S1/Log: accepts policy::log-retention, but the rule has no finding in it" {
		t.Errorf("found %q", got)
	}
}

func TestAcceptances_AreSortedByRuleAndConstruct(t *testing.T) {
	app, stack := newApp()
	policy.Accept(unlimited(stack, "Log"), policy.LogRetention, reason)
	policy.Accept(stack, policy.FunctionAlarm, reason)
	got, err := policy.Acceptances(*app.Synth(nil).Directory())
	want := []policy.Acceptance{
		{Rule: "policy::function-alarm", Construct: "Shop", Reason: reason},
		{Rule: "policy::log-retention", Construct: "Shop/Log", Reason: reason},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("listed %+v, %v", got, err)
	}
}

func TestAccept_InvalidArguments_Panics(t *testing.T) {
	app, stack := newApp()
	refused(t, func() { policy.Accept(app, policy.LogRetention, reason) }, "scope")
	refused(t, func() { policy.Accept(stack, "policy::no-such-rule", reason) }, "rule")
	refused(t, func() { policy.Accept(stack, "CloudFormation-Validate::", reason) }, "rule")
	refused(t, func() { policy.Accept(stack, "Solutions-S1", reason) }, "rule")
	refused(t, func() { policy.Accept(stack, policy.LogRetention, "  It is quite all right.         ") }, "reason")
	refused(t, func() { policy.Accept(app, "", "") }, "scope", "rule", "reason")
}
