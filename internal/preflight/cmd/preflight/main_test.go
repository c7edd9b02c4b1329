package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

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
		if ready, err := run(t.Context(), stage, before); err != nil || ready != want {
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
}

func TestRun_UnknownStageOrStep_NamesKnownOnes(t *testing.T) {
	for want, args := range map[string][2]string{"dev|staging|prod|local": {"prd", "mail"}, "mail, stacks, users": {"prod", "core"}} {
		if _, err := run(t.Context(), args[0], args[1]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v", args, err)
		}
	}
}
