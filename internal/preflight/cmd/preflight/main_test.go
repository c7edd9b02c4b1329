package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/expenzez/infrastructure/internal/preflight"
	"github.com/expenzez/infrastructure/local"
)

func TestRun_EngineAsEndpoint_ChecksItsAccount(t *testing.T) {
	stage, err := local.Start(t.Context(), local.Options{StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stage.Stop() })
	t.Setenv("AWS_ENDPOINT_URL", stage.EngineURL())
	t.Setenv("AWS_ACCESS_KEY_ID", local.Account)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	expect := func(stage, before string, want bool) {
		t.Helper()
		if ready, err := run(t.Context(), stage, before, false); err != nil || ready != want {
			t.Errorf("%s before %s: ready %v, %v; want %v", stage, before, ready, err, want)
		}
	}
	expect("prod", "mail", false) // the engine's account is not prod's
	expect("local", "mail", false)
	for _, region := range []string{local.Region, preflight.EdgeRegion} {
		_, err = cloudformation.NewFromConfig(stage.AWSConfig(region)).CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName:    aws.String("CDKToolkit"),
			TemplateBody: aws.String(`{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"BootstrapVersion": {"Value": "30"}}}`),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	expect("local", "mail", true)
	expect("local", "stacks", false) // its domain of e-mails is not verified
	expectLookup(t, stage)
}

// expectLookup reads as the lookup role, which may describe stacks, and with credentials of
// another account.
func expectLookup(t *testing.T, stage *local.Stage) {
	t.Helper()
	_, err := cloudformation.NewFromConfig(stage.AWSConfig(local.Region)).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("Lookup"), Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam}, TemplateBody: aws.String(`{"Resources": {"Role": {
			"Type": "AWS::IAM::Role", "Properties": {
				"RoleName": "cdk-hnb659fds-lookup-role-` + local.Account + `-` + local.Region + `",
				"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
					{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::` + local.Account + `:root"}}
				]},
				"Policies": [{"PolicyName": "Read", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
					{"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": "*"}
				]}}]
			}
		}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if ready, err := run(t.Context(), "local", "mail", true); err != nil || !ready {
		t.Errorf("as the lookup role: ready %v, %v", ready, err)
	}
	if _, err := run(t.Context(), "prod", "mail", true); err == nil || !strings.Contains(err.Error(), "stage prod belongs to account 333333333333, the credentials in use to 000000000000") {
		t.Errorf("with credentials of another account: %v", err)
	}
}

func TestRun_UnknownStageOrStep_NamesKnownOnes(t *testing.T) {
	for want, args := range map[string][2]string{"dev|staging|prod|local": {"prd", "mail"}, "mail, stacks, users": {"prod", "core"}} {
		if _, err := run(t.Context(), args[0], args[1], false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v", args, err)
		}
	}
}
