package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/expenzez/infrastructure/delivery/release"
	"github.com/expenzez/infrastructure/local"
)

// shop is a stack with FUNCTIONS and the table of releases.
const shop = `{"Resources": {FUNCTIONS
	"Releases": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "expenzez-local-Releases", "BillingMode": "PAY_PER_REQUEST",
		"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}},
	"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}}}}`

// function is the function NAME, whose release is NUMBER.
const function = `
	"NAME": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "expenzez-local-NAME", "Runtime": "python3.12", "Handler": "index.handler",
		"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Description": "NUMBER", "Code": {"ZipFile": "def handler(event, context): pass"}}},
	"NAMEVersionNUMBER": {"Type": "AWS::Lambda::Version", "DeletionPolicy": "RetainExceptOnCreate", "Properties": {"FunctionName": {"Ref": "NAME"}}},
	"NAMELive": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "NAME"}, "FunctionVersion": "$LATEST", "Name": "live"}},`

// deploy deploys a release of the shop with functions, and waits until its stack is complete.
func deploy(t *testing.T, client *cloudformation.Client, number string, names ...string) {
	t.Helper()
	var functions strings.Builder
	for _, name := range names {
		functions.WriteString(strings.NewReplacer("NAME", name, "NUMBER", number).Replace(function))
	}
	name, body := aws.String("expenzez-local-shop"), aws.String(strings.Replace(shop, "FUNCTIONS", functions.String(), 1))
	var err error
	if number == "1" {
		_, err = client.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: name, TemplateBody: body, Capabilities: []types.Capability{types.CapabilityCapabilityIam}})
	} else {
		_, err = client.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: name, TemplateBody: body, Capabilities: []types.Capability{types.CapabilityCapabilityIam}})
	}
	for end := time.Now().Add(time.Minute); err == nil; time.Sleep(50 * time.Millisecond) {
		var got *cloudformation.DescribeStacksOutput
		if got, err = client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: name}); err != nil {
			break
		}
		status := got.Stacks[0].StackStatus
		if status == types.StackStatusCreateComplete && number == "1" || status == types.StackStatusUpdateComplete {
			return
		}
		if time.Now().After(end) || strings.Contains(string(status), "ROLLBACK") {
			t.Fatalf("the stack is %s", status)
		}
	}
	t.Fatal(err)
}

func TestRun_EngineAsEndpoint_ReleasesRecordsAndRollsBack(t *testing.T) {
	stage, err := local.Start(t.Context(), local.Options{StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stage.Stop() })
	t.Setenv("AWS_ENDPOINT_URL", stage.EngineURL())
	t.Setenv("AWS_ACCESS_KEY_ID", local.Account)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	functions, stacks := lambda.NewFromConfig(stage.AWSConfig(local.Region)), cloudformation.NewFromConfig(stage.AWSConfig(local.Region))
	live := func(want string) {
		t.Helper()
		got, err := functions.GetAlias(t.Context(), &lambda.GetAliasInput{FunctionName: aws.String("expenzez-local-buy"), Name: aws.String("live")})
		if err != nil || aws.ToString(got.FunctionVersion) != want {
			t.Errorf("the alias invokes %v, %v, want %s", got, err, want)
		}
	}
	if _, err := run(t.Context(), options{stage: "prod"}); err == nil || !strings.Contains(err.Error(), local.Account) {
		t.Errorf("released prod with the engine's credentials: %v", err)
	}
	deploy(t, stacks, "1", "buy", "sell")
	if _, err := run(t.Context(), options{stage: "local"}); err != nil {
		t.Fatal(err)
	}
	deploy(t, stacks, "2", "buy", "sell")
	live("1")
	record := filepath.Join(t.TempDir(), "record.json")
	if ended, err := run(t.Context(), options{stage: "local", commit: "0123456789abcdef", approvedBy: "ada", record: record}); err != nil || ended.Phase != release.Committed {
		t.Fatalf("released as %+v, %v", ended, err)
	}
	live("2")
	var written release.Release
	if text, err := os.ReadFile(record); err != nil || json.Unmarshal(text, &written) != nil || written.Commit != "0123456789abcdef" ||
		written.ApprovedBy != "ada" || written.Phase != release.Committed || len(written.Shifts) != 2 || written.Shifts[0] != (release.Shift{Function: "expenzez-local-buy", From: "1", To: "2"}) {
		t.Errorf("the record is %s, %v", text, err)
	}
	if again, err := run(t.Context(), options{stage: "local"}); again != nil || err != nil {
		t.Errorf("a second release did %+v, %v", again, err)
	}
	deploy(t, stacks, "3", "buy")
	if back, err := run(t.Context(), options{stage: "local", rollback: true}); err != nil || !back.Rollback || len(back.Removed) != 1 {
		t.Fatalf("rolled back as %+v, %v", back, err)
	}
	live("1")
}

func TestStatus_OtherVersionsLive_IsNoSuccess(t *testing.T) {
	for name, c := range map[string]struct {
		ended    *release.Release
		rollback bool
		want     int
	}{
		"nothing to release":                {nil, false, 0},
		"a release committed":               {&release.Release{Phase: release.Committed}, false, 0},
		"a release taken back":              {&release.Release{Phase: release.TakenBack}, false, takenBackStatus},
		"rollback of a running release":     {&release.Release{Phase: release.TakenBack}, true, 0},
		"rollback of a committed release":   {&release.Release{Rollback: true, Phase: release.Committed}, true, 0},
		"a rollback that was taken back":    {&release.Release{Rollback: true, Phase: release.TakenBack}, true, takenBackStatus},
		"rollback that left a release live": {&release.Release{Phase: release.Committed}, true, takenBackStatus},
	} {
		if got := status(c.ended, c.rollback); got != c.want {
			t.Errorf("%s: status %d, want %d", name, got, c.want)
		}
	}
}
