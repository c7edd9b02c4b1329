package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func TestLeastPrivilegeFunction_PermissionsBoundary_IsOnRole(t *testing.T) {
	role := only(t, function(t, func(stack awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
		p.RoleName = "orders-role"
		p.PermissionsBoundary = awsiam.ManagedPolicy_FromManagedPolicyName(stack, jsii.String("Boundary"), jsii.String("workloads"))
	}), "AWS::IAM::Role")
	equal(t, "boundary", at(role, "Properties", "PermissionsBoundary"), `"arn:aws:iam::111122223333:policy/workloads"`)
	equal(t, "name", at(role, "Properties", "RoleName"), `"orders-role"`)
}

func TestLeastPrivilegeFunction_Defaults_RoleHasNoNameOrBoundary(t *testing.T) {
	role := only(t, function(t, nil), "AWS::IAM::Role")
	equal(t, "boundary", at(role, "Properties", "PermissionsBoundary"), `null`)
	equal(t, "name", at(role, "Properties", "RoleName"), `null`)
}

func TestLeastPrivilegeFunction_ConcurrencyAndStorage_AreInTheTemplate(t *testing.T) {
	template := function(t, func(_ awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
		p.ReservedConcurrency, p.ProvisionedConcurrency, p.EphemeralStorageMB = 2, 2, 1024
	})
	equal(t, "provisioned", at(only(t, template, "AWS::Lambda::Alias"), "Properties", "ProvisionedConcurrencyConfig"), `{"ProvisionedConcurrentExecutions": 2}`)
	equal(t, "storage", at(only(t, template, "AWS::Lambda::Function"), "Properties", "EphemeralStorage"), `{"Size": 1024}`)

	template = function(t, nil)
	equal(t, "provisioned", at(only(t, template, "AWS::Lambda::Alias"), "Properties", "ProvisionedConcurrencyConfig"), `null`)
	equal(t, "storage", at(only(t, template, "AWS::Lambda::Function"), "Properties", "EphemeralStorage"), `null`)
}

func TestAsyncInvocation_FailedEvent_GoesToDestination(t *testing.T) {
	template := function(t, func(stack awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
		p.Async = &constructs.AsyncInvocation{
			OnFailure: constructs.FailuresToQueue(awssqs.NewQueue(stack, jsii.String("Failures"), nil)),
		}
	})
	config := only(t, template, "AWS::Lambda::EventInvokeConfig")
	equal(t, "qualifier", at(config, "Properties", "Qualifier"), `"live"`)
	equal(t, "retries", at(config, "Properties", "MaximumRetryAttempts"), `2`)
	equal(t, "age", at(config, "Properties", "MaximumEventAgeInSeconds"), `21600`)
	failures := at(config, "Properties", "DestinationConfig", "OnFailure", "Destination")
	equal(t, "permission to send", statement(template, "FailuresSend")["Resource"], fmt.Sprintf(`{"Fn::GetAtt": [%q, "Arn"]}`, at(failures, "Fn::GetAtt", 0)))
	for _, first := range []string{"LatePolicy", "Live"} {
		if waits := fmt.Sprint(config["DependsOn"]); !strings.Contains(waits, first) {
			t.Errorf("the configuration waits for %s, not for %s", waits, first)
		}
	}
}

func TestAsyncInvocation_GivenProps_AreInTheTemplate(t *testing.T) {
	properties := at(only(t, function(t, func(stack awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
		p.Async = &constructs.AsyncInvocation{
			OnFailure: constructs.FailuresToTopic(awssns.NewTopic(stack, jsii.String("Failures"), nil)),
			Attempts:  1, MaxAge: time.Minute,
		}
	}), "AWS::Lambda::EventInvokeConfig"), "Properties")
	equal(t, "retries", at(properties, "MaximumRetryAttempts"), `0`)
	equal(t, "age", at(properties, "MaximumEventAgeInSeconds"), `60`)
	if topic, _ := at(properties, "DestinationConfig", "OnFailure", "Destination", "Ref").(string); !strings.HasPrefix(topic, "Failures") {
		t.Errorf("failures go to %v", at(properties, "DestinationConfig"))
	}
}

func TestAsyncInvocation_Absent_LeavesLambdasDefault(t *testing.T) {
	if found := all(function(t, nil), "AWS::Lambda::EventInvokeConfig"); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

func TestAllowInSeparatePolicy_EqualSids_AreNumberedAcrossCalls(t *testing.T) {
	stack, f := runCheck(t)
	for _, host := range []string{"a", "b"} {
		f.AllowInSeparatePolicy(constructs.AllowActions("Mail", []string{"ses:SendEmail"}, "arn:aws:ses:eu-west-2:111122223333:identity/"+host))
	}
	policy := only(t, synth(stack), "AWS::IAM::Policy")
	equal(t, "first", statement(policy, "Mail")["Resource"], `"arn:aws:ses:eu-west-2:111122223333:identity/a"`)
	equal(t, "second", statement(policy, "Mail2")["Resource"], `"arn:aws:ses:eu-west-2:111122223333:identity/b"`)
}

func TestLeastPrivilegeFunction_InvalidCapacity_IsRefused(t *testing.T) {
	stack, code := newStack(), bootstrap(t)
	queue := constructs.FailuresToQueue(awssqs.NewQueue(stack, jsii.String("Queue"), nil))
	fifo := constructs.FailuresToTopic(awssns.NewTopic(stack, jsii.String("Fifo"), &awssns.TopicProps{Fifo: jsii.Bool(true)}))
	async := func(a constructs.AsyncInvocation) func(p *constructs.LeastPrivilegeFunctionProps) {
		return func(p *constructs.LeastPrivilegeFunctionProps) { p.Async = &a }
	}
	cases := map[string]struct {
		spoil func(p *constructs.LeastPrivilegeFunctionProps)
		props []string
	}{
		"role name with a slash": {func(p *constructs.LeastPrivilegeFunctionProps) { p.RoleName = "a/b" }, []string{"RoleName"}},
		"role name too long":     {func(p *constructs.LeastPrivilegeFunctionProps) { p.RoleName = strings.Repeat("r", 65) }, []string{"RoleName"}},
		"negative provision":     {func(p *constructs.LeastPrivilegeFunctionProps) { p.ProvisionedConcurrency = -1 }, []string{"ProvisionedConcurrency"}},
		"provision beyond reserve": {func(p *constructs.LeastPrivilegeFunctionProps) {
			p.ReservedConcurrency, p.ProvisionedConcurrency = 1, 2
		}, []string{"ProvisionedConcurrency"}},
		"too little storage": {func(p *constructs.LeastPrivilegeFunctionProps) { p.EphemeralStorageMB = 511 }, []string{"EphemeralStorageMB"}},
		"too much storage":   {func(p *constructs.LeastPrivilegeFunctionProps) { p.EphemeralStorageMB = 10241 }, []string{"EphemeralStorageMB"}},
		"failures lost":      {async(constructs.AsyncInvocation{}), []string{"Async.OnFailure"}},
		"failures in order":  {async(constructs.AsyncInvocation{OnFailure: fifo}), []string{"Async.OnFailure"}},
		"no attempt":         {async(constructs.AsyncInvocation{OnFailure: queue, Attempts: -1}), []string{"Async.Attempts"}},
		"four attempts":      {async(constructs.AsyncInvocation{OnFailure: queue, Attempts: 4}), []string{"Async.Attempts"}},
		"too young":          {async(constructs.AsyncInvocation{OnFailure: queue, MaxAge: time.Second}), []string{"Async.MaxAge"}},
		"too old":            {async(constructs.AsyncInvocation{OnFailure: queue, MaxAge: 7 * time.Hour}), []string{"Async.MaxAge"}},
		"age in parts":       {async(constructs.AsyncInvocation{OnFailure: queue, MaxAge: time.Minute + time.Millisecond}), []string{"Async.MaxAge"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := constructs.LeastPrivilegeFunctionProps{Name: "orders", Code: code}
			c.spoil(&props)
			refused(t, func() { constructs.NewLeastPrivilegeFunction(stack, name, &props) }, c.props...)
		})
	}
}
