package policy_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/policy"
)

// family makes a stack, a stack nested in it, one nested in that, and a sibling.
func family() (awscdk.App, map[string]awscdk.Stack) {
	app, stack := newApp()
	nested := awscdk.NewNestedStack(stack, jsii.String("Inner"), nil)
	return app, map[string]awscdk.Stack{
		"parent":  stack,
		"nested":  nested,
		"deeper":  awscdk.NewNestedStack(nested, jsii.String("Deep"), nil),
		"sibling": awscdk.NewNestedStack(stack, jsii.String("Sibling"), nil),
	}
}

func plainFunction(scope awscdk.Stack, id string, group awslogs.CfnLogGroup) awslambda.CfnFunction {
	return awslambda.NewCfnFunction(scope, jsii.String(id), &awslambda.CfnFunctionProps{
		Code: &awslambda.CfnFunction_CodeProperty{ZipFile: jsii.String("x")}, Role: jsii.String("r"),
		LoggingConfig: &awslambda.CfnFunction_LoggingConfigProperty{LogGroup: group.Ref()},
	})
}

// findings returns the findings of one rule in a synthesized app, as "construct:
// message".
func findings(t *testing.T, app awscdk.App, rule string) []string {
	t.Helper()
	return found(t, *app.Synth(nil).Directory(), rule, policy.Props{})
}

func TestFunctionAlarm_AcrossNestedStacks_CoversFunction(t *testing.T) {
	app, stacks := family()
	for home, function := range stacks {
		for away, alarm := range stacks {
			f := plainFunction(function, "In"+home+"WatchedFrom"+away, awslogs.NewCfnLogGroup(function, jsii.String("LogOf"+home+away), nil))
			awscloudwatch.NewCfnAlarm(alarm, jsii.String("Of"+home+"In"+away), &awscloudwatch.CfnAlarmProps{
				Namespace: jsii.String("AWS/Lambda"), MetricName: jsii.String("Errors"),
				ComparisonOperator: jsii.String("GreaterThanThreshold"), EvaluationPeriods: jsii.Number(1),
				Dimensions: []any{&awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String("FunctionName"), Value: f.Ref()}},
			})
		}
	}
	plainFunction(stacks["deeper"], "Unwatched", awslogs.NewCfnLogGroup(stacks["deeper"], jsii.String("Log"), nil))
	want := []string{"Shop/Inner/Deep/Unwatched: no alarm watches the function's errors"}
	if got := findings(t, app, policy.FunctionAlarm); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestFunctionLogs_GroupInNestedStack_IsFound(t *testing.T) {
	app, stacks := family()
	plainFunction(stacks["sibling"], "Function", awslogs.NewCfnLogGroup(stacks["deeper"], jsii.String("Log"), nil))
	if got := findings(t, app, policy.FunctionLogs); got != nil {
		t.Errorf("found %q", got)
	}
}

func TestFunctionAlarm_OtherRegion_IsFinding(t *testing.T) {
	dir := written(t, "", watched(`{"Namespace": "AWS/SQS"}`), `{"Resources": {"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": `+onErrors(`"orders"`)+`}}}`)
	manifest := filepath.Join(dir, "manifest.json")
	write(t, manifest, strings.Replace(readFile(t, manifest), "aws://1/eu-west-2", "aws://1/us-east-1", 1))
	if got := found(t, dir, policy.FunctionAlarm, policy.Props{}); len(got) != 1 {
		t.Errorf("found %q", got)
	}
}

func TestFindings_EqualLogicalIDs_NameOwnConstructs(t *testing.T) {
	app, stacks := family()
	for _, home := range []string{"parent", "nested", "sibling"} {
		unlimited(stacks[home], "Log")
	}
	got := findings(t, app, policy.LogRetention)
	want := []string{"Shop/Inner/Log", "Shop/Log", "Shop/Sibling/Log"}
	for i := range want {
		want[i] += ": the log group has no RetentionInDays"
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
}

// A value from a parameter of the parent stack is checked like a literal value.
func TestFindings_ParameterOfParent_IsResolved(t *testing.T) {
	app, stack := newApp()
	nested := awscdk.NewNestedStack(stack, jsii.String("Inner"), &awscdk.NestedStackProps{Parameters: &map[string]*string{
		"Everywhere": jsii.String("0.0.0.0/0"), "Anybody": jsii.String("*"), "Key": jsii.String("alias/aws/dynamodb"),
	}})
	given := func(name string) *string {
		return awscdk.NewCfnParameter(nested, jsii.String(name), nil).ValueAsString()
	}
	awsec2.NewCfnSecurityGroupIngress(nested, jsii.String("Open"), &awsec2.CfnSecurityGroupIngressProps{IpProtocol: jsii.String("tcp"), CidrIp: given("Everywhere")})
	awslambda.NewCfnPermission(nested, jsii.String("Public"), &awslambda.CfnPermissionProps{
		Action: jsii.String("lambda:InvokeFunction"), FunctionName: jsii.String("f"), Principal: given("Anybody"),
	})
	awsdynamodb.NewCfnTable(nested, jsii.String("Table"), &awsdynamodb.CfnTableProps{
		KeySchema:        []any{&awsdynamodb.CfnTable_KeySchemaProperty{AttributeName: jsii.String("id"), KeyType: jsii.String("HASH")}},
		SseSpecification: &awsdynamodb.CfnTable_SSESpecificationProperty{SseEnabled: jsii.Bool(true), SseType: jsii.String("KMS"), KmsMasterKeyId: given("Key")},
	})
	dir := *app.Synth(nil).Directory()
	for rule, want := range map[string]string{
		policy.PublicIngress:   "Shop/Inner/Open: the security group allows every address",
		policy.PublicPrincipal: "Shop/Inner/Public: the permission lets every principal invoke the function",
		policy.TableEncrypted:  "Shop/Inner/Table: the table is not encrypted with a customer-managed KMS key",
	} {
		if got := found(t, dir, rule, policy.Props{}); len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%s found %q", rule, got)
		}
	}
}
