package examples_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cloudformationtypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/expenzez/infrastructure/local"
)

// otherTool is the template of a tool that made the adopted resources. It retains every
// resource.
const otherTool = `{"Resources": {
	"Users": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": {
		"TableName": "adopt-users", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "userId", "AttributeType": "S"}],
		"KeySchema": [{"AttributeName": "userId", "KeyType": "HASH"}]}},
	"Jobs": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain", "Properties": {"LogGroupName": "/adopt/jobs", "RetentionInDays": 30}},
	"GreetLog": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain", "Properties": {"LogGroupName": "/aws/lambda/adopt-greet", "RetentionInDays": 30}},
	"Role": {"Type": "AWS::IAM::Role", "DeletionPolicy": "Retain", "Properties": {
		"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]},
		"Policies": [{"PolicyName": "logs", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}]}}]}},
	"Job": {"Type": "AWS::Lambda::Function", "DeletionPolicy": "Delete", "DependsOn": "Jobs", "Properties": {
		"FunctionName": "adopt-job", "Runtime": "python3.12", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
		"LoggingConfig": {"LogGroup": "/adopt/jobs"}, "Code": {"ZipFile": "def handler(event, context):\n    print('a job of old')\n"}}},
	"Greet": {"Type": "AWS::Lambda::Function", "DeletionPolicy": "Retain", "DependsOn": "GreetLog", "Properties": {
		"FunctionName": "adopt-greet", "Runtime": "python3.12", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
		"Code": {"ZipFile": "def handler(event, context):\n    print('a greeting of old')\n    return 'hello of old'\n"}}}
}}`

// adoption is an engine with another tool's resources, and clients to read them.
type adoption struct {
	*testing.T
	stage  *local.Stage
	output bytes.Buffer
	tables *dynamodb.Client
	lambda *lambda.Client
	stacks *cloudformation.Client
}

func TestAdopt_TableAndLogGroup_KeepContent(t *testing.T) {
	t.Setenv("EXAMPLE_ARCHITECTURE", map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH])
	a := &adoption{T: t}
	stage, err := local.Start(t.Context(), local.Options{
		StateDir: t.TempDir(), EdgeAddr: "127.0.0.1:0", App: absolute(t, "adopt"),
		CDKArgs: []string{"--context", "step=key"}, Progress: io.MultiWriter(os.Stderr, &a.output),
	})
	a.must(err)
	defer stage.Stop()
	config := stage.AWSConfig(local.Region)
	a.stage, a.tables, a.lambda, a.stacks = stage, dynamodb.NewFromConfig(config), lambda.NewFromConfig(config), cloudformation.NewFromConfig(config)
	a.must(stage.Deploy(t.Context()))
	a.leaveByOtherTool()

	a.adoptTable()
	a.adoptLogGroup()
	a.adoptFunction()
}

// leaveByOtherTool creates a stack with content and deletes the stack, which retains
// the resources.
func (a *adoption) leaveByOtherTool() {
	a.Helper()
	_, err := a.stacks.CreateStack(a.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("other-tool"), TemplateBody: aws.String(otherTool), Capabilities: []cloudformationtypes.Capability{"CAPABILITY_IAM"},
	})
	a.must(err)
	stack := &cloudformation.DescribeStacksInput{StackName: aws.String("other-tool")}
	a.must(cloudformation.NewStackCreateCompleteWaiter(a.stacks, quickly).Wait(a.Context(), stack, time.Minute))
	_, err = a.tables.PutItem(a.Context(), &dynamodb.PutItemInput{TableName: aws.String("adopt-users"), Item: map[string]types.AttributeValue{
		"userId": &types.AttributeValueMemberS{Value: "u1"}, "name": &types.AttributeValueMemberS{Value: "ada"}}})
	a.must(err)
	a.invoke("adopt-job")
	if said := a.invoke("adopt-greet"); said != `"hello of old"` {
		a.Fatalf("the old function said %s", said)
	}
	_, err = a.stacks.DeleteStack(a.Context(), &cloudformation.DeleteStackInput{StackName: stack.StackName})
	a.must(err)
	a.must(cloudformation.NewStackDeleteCompleteWaiter(a.stacks, func(o *cloudformation.StackDeleteCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, time.Second
	}).Wait(a.Context(), stack, time.Minute))
}

func quickly(o *cloudformation.StackCreateCompleteWaiterOptions) {
	o.MinDelay, o.MaxDelay = 100*time.Millisecond, time.Second
}

// adoptTable changes the table to the construct's settings and imports it.
func (a *adoption) adoptTable() {
	a.Helper()
	before := a.table()
	_, err := a.tables.UpdateTable(a.Context(), &dynamodb.UpdateTableInput{
		TableName: before.TableName, DeletionProtectionEnabled: aws.Bool(true),
		SSESpecification: &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: aws.String("alias/adopt")},
	})
	a.must(err)
	_, err = a.tables.TagResource(a.Context(), &dynamodb.TagResourceInput{ResourceArn: before.TableArn,
		Tags: []types.Tag{{Key: aws.String("backup-plan"), Value: aws.String("daily")}}})
	a.must(err)
	mapping := filepath.Join(a.TempDir(), "table.json")
	text, err := json.Marshal(map[string]any{a.logicalID("AWS::DynamoDB::Table", "table"): map[string]string{"TableName": "adopt-users"}})
	a.must(err)
	a.must(os.WriteFile(mapping, text, 0o600))
	a.cdk("table", "import", "adopt", "--resource-mapping", mapping)

	if now := a.table(); !now.CreationDateTime.Equal(*before.CreationDateTime) {
		a.Errorf("the adopted table was created at %s, the old one at %s", now.CreationDateTime, before.CreationDateTime)
	}
	out, err := a.tables.GetItem(a.Context(), &dynamodb.GetItemInput{TableName: aws.String("adopt-users"),
		Key: map[string]types.AttributeValue{"userId": &types.AttributeValueMemberS{Value: "u1"}}})
	a.must(err)
	if name, _ := out.Item["name"].(*types.AttributeValueMemberS); name == nil || name.Value != "ada" {
		a.Errorf("the adopted table holds %v", out.Item)
	}
	a.deployChangesNothing("table")
}

func (a *adoption) adoptLogGroup() {
	a.Helper()
	a.deploy("log", "--import-existing-resources")
	a.inSync("AWS::Logs::LogGroup")
	a.inSync("AWS::DynamoDB::Table") // the engine detects no drift right after cdk import
	a.logHolds("/adopt/jobs", "a job of old")
	a.deployChangesNothing("log")
}

// adoptFunction imports the function unchanged, applies the construct's settings, and
// checks that the alias runs the new version.
func (a *adoption) adoptFunction() {
	a.Helper()
	a.deploy("function", "--import-existing-resources")
	a.logHolds("/aws/lambda/adopt-greet", "a greeting of old")
	if said := a.invoke("adopt-greet:live"); said != `"hello of old"` {
		a.Errorf("after the import the alias says %s", said)
	}
	a.deployChangesNothing("function")

	function := a.resource("AWS::Lambda::Function")
	bucket, _ := function["Code"].(map[string]any)["S3Bucket"].(string)
	key, _ := function["Code"].(map[string]any)["S3Key"].(string)
	name := aws.String("adopt-greet")
	_, err := a.lambda.UpdateFunctionConfiguration(a.Context(), &lambda.UpdateFunctionConfigurationInput{
		FunctionName: name, Runtime: "provided.al2023", Handler: name, Role: a.roleARN(),
		MemorySize: aws.Int32(256), Timeout: aws.Int32(10), TracingConfig: &lambdatypes.TracingConfig{Mode: lambdatypes.TracingModeActive},
	})
	a.must(err)
	_, err = a.lambda.UpdateFunctionCode(a.Context(), &lambda.UpdateFunctionCodeInput{FunctionName: name, S3Bucket: &bucket, S3Key: &key,
		Architectures: []lambdatypes.Architecture{lambdatypes.Architecture(os.Getenv("EXAMPLE_ARCHITECTURE"))}})
	a.must(err)
	a.deploy("version")
	if said := a.invoke("adopt-greet:live"); said != `"hello from the construct"` {
		a.Errorf("after the adoption the alias says %s", said)
	}
	a.logHolds("/aws/lambda/adopt-greet", "a greeting of old")
	a.inSync("AWS::Lambda::Function")
	a.deployChangesNothing("version")
}

// inSync checks that drift detection finds no difference between the resources of a
// type and the template.
func (a *adoption) inSync(kind string) {
	a.Helper()
	stack := aws.String("adopt")
	_, err := a.stacks.DetectStackDrift(a.Context(), &cloudformation.DetectStackDriftInput{StackName: stack})
	a.must(err)
	out, err := a.stacks.DescribeStackResourceDrifts(a.Context(), &cloudformation.DescribeStackResourceDriftsInput{StackName: stack})
	a.must(err)
	seen := 0
	for _, drift := range out.StackResourceDrifts {
		if aws.ToString(drift.ResourceType) == kind {
			seen++
			if drift.StackResourceDriftStatus != cloudformationtypes.StackResourceDriftStatusInSync {
				a.Errorf("%s is %s: %v", aws.ToString(drift.LogicalResourceId), drift.StackResourceDriftStatus, drift.PropertyDifferences)
			}
		}
	}
	if seen == 0 {
		a.Errorf("no drift was detected of any %s", kind)
	}
}

// roleARN returns the ARN of the role that the construct made.
func (a *adoption) roleARN() *string {
	a.Helper()
	out, err := a.stacks.DescribeStackResources(a.Context(), &cloudformation.DescribeStackResourcesInput{StackName: aws.String("adopt")})
	a.must(err)
	for _, r := range out.StackResources {
		if aws.ToString(r.ResourceType) == "AWS::IAM::Role" && strings.HasPrefix(aws.ToString(r.LogicalResourceId), "Greet") {
			return aws.String("arn:aws:iam::" + local.Account + ":role/" + aws.ToString(r.PhysicalResourceId))
		}
	}
	a.Fatal("the stack has no role of the function")
	return nil
}

func (a *adoption) must(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

func (a *adoption) cdk(step string, args ...string) {
	a.Helper()
	a.must(a.stage.CDK(a.Context(), append(args, "--context", "step="+step)...))
}

func (a *adoption) deploy(step string, args ...string) {
	a.Helper()
	a.cdk(step, append([]string{"deploy", "adopt", "--require-approval", "never", "--progress", "events"}, args...)...)
}

func (a *adoption) deployChangesNothing(step string) {
	a.Helper()
	a.output.Reset()
	a.deploy(step)
	if !strings.Contains(a.output.String(), "(no changes)") {
		a.Errorf("a second deployment of %s changes something", step)
	}
}

func (a *adoption) table() *types.TableDescription {
	a.Helper()
	out, err := a.tables.DescribeTable(a.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("adopt-users")})
	a.must(err)
	return out.Table
}

func (a *adoption) invoke(function string) string {
	a.Helper()
	out, err := a.lambda.Invoke(a.Context(), &lambda.InvokeInput{FunctionName: aws.String(function)})
	a.must(err)
	if out.FunctionError != nil {
		a.Fatalf("%s failed: %s", function, out.Payload)
	}
	return strings.TrimSpace(string(out.Payload))
}

func (a *adoption) logHolds(group, text string) {
	a.Helper()
	lines, err := a.stage.Logs(a.Context(), group)
	a.must(err)
	if !slices.ContainsFunc(lines, func(l local.LogLine) bool { return strings.Contains(l.Message, text) }) {
		a.Errorf("the log group %s no longer holds %q", group, text)
	}
}

// resource returns the properties of a type's only resource in the deployed template.
func (a *adoption) resource(kind string) map[string]any {
	a.Helper()
	out, err := a.stacks.GetTemplate(a.Context(), &cloudformation.GetTemplateInput{StackName: aws.String("adopt")})
	a.must(err)
	_, properties := resourceIn(a.T, aws.ToString(out.TemplateBody), kind)
	return properties
}

// logicalID returns the logical id of a type's only resource in a step.
func (a *adoption) logicalID(kind, step string) string {
	a.Helper()
	id, _ := resourceIn(a.T, read(a.T, filepath.Join(synth(a.T, "adopt", map[string]any{"step": step}), "adopt.template.json")), kind)
	return id
}

func resourceIn(t *testing.T, template, kind string) (string, map[string]any) {
	t.Helper()
	var parsed struct {
		Resources map[string]struct {
			Type       string
			Properties map[string]any
		}
	}
	if err := json.Unmarshal([]byte(template), &parsed); err != nil {
		t.Fatal(err)
	}
	for id, r := range parsed.Resources {
		if r.Type == kind {
			return id, r.Properties
		}
	}
	t.Fatalf("the template has no %s", kind)
	return "", nil
}
