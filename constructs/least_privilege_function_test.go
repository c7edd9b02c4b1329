package constructs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewLeastPrivilegeFunction() {
	stack, output := newStack(), os.TempDir()
	users := constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{
		Name:         "shop-prod-users",
		PartitionKey: constructs.TableKey{Name: "userId"},
	})
	constructs.NewLeastPrivilegeFunction(stack, "GetUser", &constructs.LeastPrivilegeFunctionProps{
		Name:        "shop-prod-get-user",
		Code:        constructs.GoBundle{Package: "./testdata/hello", OutputDir: output},
		Grants:      []constructs.Grant{users.Allow(constructs.GetItem)},
		Environment: map[string]string{"USERS_TABLE": "shop-prod-users"},
	})
	template := *assertions.Template_FromStack(stack, nil).ToJSON()
	fmt.Println(len(all(template, "AWS::IAM::ManagedPolicy")), constructs.UnexplainedWildcards(template))
	// Output: 0 []
}

// bootstrap is a folder with an executable that is never run.
func bootstrap(t *testing.T) constructs.BootstrapFolder {
	t.Helper()
	dir := t.TempDir()
	writeBootstrap(t, dir)
	return constructs.BootstrapFolder(dir)
}

func writeBootstrap(tb testing.TB, dir string) {
	tb.Helper()
	if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		tb.Fatal(err)
	}
}

// function builds a stack with one function and returns its template.
func function(t *testing.T, set func(stack awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps)) map[string]any {
	t.Helper()
	return build(func(stack awscdk.Stack) {
		props := &constructs.LeastPrivilegeFunctionProps{Name: "orders", Code: bootstrap(t)}
		if set != nil {
			set(stack, props)
		}
		constructs.NewLeastPrivilegeFunction(stack, "Orders", props)
	})
}

func TestLeastPrivilegeFunction_Defaults_AreSafe(t *testing.T) {
	template := function(t, nil)
	properties := at(only(t, template, "AWS::Lambda::Function"), "Properties")
	equal(t, "name", at(properties, "FunctionName"), `"orders"`)
	equal(t, "handler", at(properties, "Handler"), `"orders"`)
	equal(t, "runtime", at(properties, "Runtime"), `"provided.al2023"`)
	equal(t, "architecture", at(properties, "Architectures"), `["arm64"]`)
	equal(t, "memory", at(properties, "MemorySize"), `256`)
	equal(t, "timeout", at(properties, "Timeout"), `10`)
	equal(t, "tracing", at(properties, "TracingConfig"), `{"Mode": "Active"}`)
	equal(t, "log format", at(properties, "LoggingConfig", "LogFormat"), `"JSON"`)
	equal(t, "log level", at(properties, "LoggingConfig", "ApplicationLogLevel"), `"INFO"`)
	equal(t, "reserved concurrency", at(properties, "ReservedConcurrentExecutions"), `null`)
	equal(t, "VPC", at(properties, "VpcConfig"), `null`)

	logs := only(t, template, "AWS::Logs::LogGroup")
	equal(t, "log group", at(logs, "Properties"), `{"LogGroupName": "/aws/lambda/orders", "RetentionInDays": 30}`)
	equal(t, "DeletionPolicy of logs", logs["DeletionPolicy"], `"RetainExceptOnCreate"`)
	group, _ := at(properties, "LoggingConfig", "LogGroup", "Ref").(string)
	if !strings.HasPrefix(group, "OrdersLogGroup") {
		t.Errorf("the function logs to %v, want its own group", at(properties, "LoggingConfig", "LogGroup"))
	}
}

func TestLeastPrivilegeFunction_AllowSpans_GrantsSpans(t *testing.T) {
	template := function(t, func(_ awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) { p.AllowSpans = true })
	equal(t, "actions", statement(template, "WriteSpans")["Action"], `["xray:PutSpans", "xray:PutSpansForIndexing"]`)
	if found := constructs.UnexplainedWildcards(template); len(found) > 0 {
		t.Errorf("unexplained: %q", found)
	}
}

func TestLeastPrivilegeFunction_WithoutGrants_WritesLogsAndTraces(t *testing.T) {
	template := function(t, nil)
	role := at(only(t, template, "AWS::IAM::Role"), "Properties")
	equal(t, "trust", at(role, "AssumeRolePolicyDocument", "Statement"),
		`[{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]`)
	equal(t, "managed policies", at(role, "ManagedPolicyArns"), `null`)
	equal(t, "statements", at(role, "Policies", 0, "PolicyDocument", "Statement"), `[
		{"Sid": "WriteOwnLogs", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
			"Resource": "arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/orders:*"},
		{"Sid": "WriteTraces", "Effect": "Allow", "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "Resource": "*"}]`)
	if policies := len(all(template, "AWS::IAM::Policy")); policies != 0 {
		t.Errorf("%d policies stand beside the role's own", policies)
	}
}

func TestLeastPrivilegeFunction_GivenProps_AreInTheTemplate(t *testing.T) {
	template := function(t, func(stack awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
		p.Handler, p.Description = "place-order", "Places an order"
		p.Architecture, p.MemoryMB, p.Timeout, p.ReservedConcurrency = constructs.X8664, 512, 15*time.Minute, 5
		p.Environment = map[string]string{"ORDERS_TABLE": "orders"}
		p.LogLevel, p.LogRetentionDays, p.Disposable = constructs.LogDebug, 7, true
		p.LogKey = constructs.NewDataKey(stack, "Logs", &constructs.DataKeyProps{
			Alias: "logs", Services: []constructs.KeyService{constructs.KeyServiceLogs},
		}).Key
	})
	properties := at(only(t, template, "AWS::Lambda::Function"), "Properties")
	equal(t, "handler", at(properties, "Handler"), `"place-order"`)
	equal(t, "description", at(properties, "Description"), `"Places an order"`)
	equal(t, "architecture", at(properties, "Architectures"), `["x86_64"]`)
	equal(t, "memory", at(properties, "MemorySize"), `512`)
	equal(t, "timeout", at(properties, "Timeout"), `900`)
	equal(t, "reserved concurrency", at(properties, "ReservedConcurrentExecutions"), `5`)
	equal(t, "environment", at(properties, "Environment", "Variables"), `{"ORDERS_TABLE": "orders"}`)
	equal(t, "log level", at(properties, "LoggingConfig", "ApplicationLogLevel"), `"DEBUG"`)
	logs := only(t, template, "AWS::Logs::LogGroup")
	equal(t, "retention", at(logs, "Properties", "RetentionInDays"), `7`)
	equal(t, "DeletionPolicy of logs", logs["DeletionPolicy"], `"Delete"`)
	key, _ := at(logs, "Properties", "KmsKeyId", "Fn::GetAtt", 0).(string)
	if !strings.HasPrefix(key, "Logs") {
		t.Errorf("the logs' key is %v, want the given one", at(logs, "Properties", "KmsKeyId"))
	}
}

func TestLeastPrivilegeFunction_AliasLive_IsCurrentVersion(t *testing.T) {
	alias := at(only(t, function(t, nil), "AWS::Lambda::Alias"), "Properties")
	equal(t, "name", at(alias, "Name"), `"live"`)
	version, _ := at(alias, "FunctionVersion", "Fn::GetAtt", 0).(string)
	if !strings.HasPrefix(version, "OrdersFunctionCurrentVersion") {
		t.Errorf("the alias points at %v", at(alias, "FunctionVersion"))
	}
}

// CloudFormation updates an alias when one of its properties differs from the previous
// template, and would then undo the release.
func TestLeastPrivilegeFunction_OwnedByRelease_AliasNeverChanges(t *testing.T) {
	build := func(change func(*constructs.LeastPrivilegeFunctionProps)) (alias map[string]any, version string, retention any) {
		template := function(t, func(_ awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
			p.AliasOwner = constructs.OwnedByRelease
			change(p)
		})
		version, published := metricOf(t, template, "AWS::Lambda::Version", "")
		return only(t, template, "AWS::Lambda::Alias"), version, []any{published["DeletionPolicy"], published["UpdateReplacePolicy"]}
	}
	alias, version, retention := build(func(*constructs.LeastPrivilegeFunctionProps) {})
	function := at(alias, "Properties", "FunctionName", "Ref")
	equal(t, "alias", at(alias, "Properties"), fmt.Sprintf(`{"FunctionName": {"Ref": %q}, "FunctionVersion": "$LATEST", "Name": "live"}`, function))
	equal(t, "retention of the version", retention, `["RetainExceptOnCreate", "Retain"]`)
	for name, change := range map[string]func(*constructs.LeastPrivilegeFunctionProps){
		"code": func(p *constructs.LeastPrivilegeFunctionProps) { p.Handler = "another" },
		"environment": func(p *constructs.LeastPrivilegeFunctionProps) {
			p.Environment = map[string]string{"ORDERS_TABLE": "orders"}
		},
		"memory":      func(p *constructs.LeastPrivilegeFunctionProps) { p.MemoryMB, p.Timeout = 512, time.Minute },
		"description": func(p *constructs.LeastPrivilegeFunctionProps) { p.Description = "Places an order" },
	} {
		changed, next, _ := build(change)
		if !reflect.DeepEqual(changed, alias) {
			t.Errorf("%s: the alias becomes %v, was %v", name, changed, alias)
		}
		if next == version {
			t.Errorf("%s: no new version is published", name)
		}
	}
}

func TestLeastPrivilegeFunction_OwnedByRelease_RefusesProvisionedConcurrency(t *testing.T) {
	props := &constructs.LeastPrivilegeFunctionProps{
		Name: "orders", Code: bootstrap(t), AliasOwner: constructs.OwnedByRelease, ProvisionedConcurrency: 1,
	}
	refused(t, func() { constructs.NewLeastPrivilegeFunction(newStack(), "F", props) }, "ProvisionedConcurrency")
	props.AliasOwner, props.ProvisionedConcurrency = "operator", 0
	refused(t, func() { constructs.NewLeastPrivilegeFunction(newStack(), "F", props) }, "AliasOwner")
}

func TestGrant_EqualSids_AreNumbered(t *testing.T) {
	template := function(t, func(_ awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
		p.Grants = []constructs.Grant{
			constructs.AllowActions("Mail", []string{"ses:SendEmail"}, "arn:aws:ses:eu-west-2:111122223333:identity/a.example"),
			constructs.AllowActions("Mail", []string{"ses:SendEmail"}, "arn:aws:ses:eu-west-2:111122223333:identity/b.example"),
		}
	})
	for sid, identity := range map[string]string{"Mail": "a.example", "Mail2": "b.example"} {
		equal(t, sid, statement(template, sid)["Resource"], fmt.Sprintf(`"arn:aws:ses:eu-west-2:111122223333:identity/%s"`, identity))
	}
}

func TestGrant_Conditions_AreInRole(t *testing.T) {
	template := function(t, func(_ awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
		p.Grants = []constructs.Grant{{{
			Sid: "Own", Actions: []string{"dynamodb:GetItem"}, Resources: []string{"arn:aws:dynamodb:eu-west-2:111122223333:table/t"},
			Conditions: map[string]map[string][]string{"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": {"a", "b"}}},
		}}}
	})
	equal(t, "condition", statement(template, "Own")["Condition"], `{"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["a", "b"]}}`)
}

func TestAllowUserPool_GrantsOperations(t *testing.T) {
	template := function(t, func(stack awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
		pool := awscognito.NewUserPool(stack, jsii.String("Pool"), nil)
		p.Grants = []constructs.Grant{constructs.AllowUserPool(pool, constructs.AdminGetUser, constructs.AdminUserGlobalSignOut)}
	})
	grant := statement(template, "Pool")
	equal(t, "actions", grant["Action"], `["cognito-idp:AdminGetUser", "cognito-idp:AdminUserGlobalSignOut"]`)
	equal(t, "attribute", at(grant, "Resource", "Fn::GetAtt", 1), `"Arn"`)
}

func TestAllowInSeparatePolicy_TriggerOfPool_MakesNoCycle(t *testing.T) {
	stack := newStack()
	f := constructs.NewLeastPrivilegeFunction(stack, "Trigger", &constructs.LeastPrivilegeFunctionProps{Name: "trigger", Code: bootstrap(t)})
	pool := awscognito.NewUserPool(stack, jsii.String("Pool"), &awscognito.UserPoolProps{
		LambdaTriggers: &awscognito.UserPoolTriggers{PostConfirmation: f.Function},
	})
	f.AllowInSeparatePolicy(constructs.AllowUserPool(pool, constructs.AdminAddUserToGroup))
	f.AllowInSeparatePolicy(constructs.AllowActions("Mail", []string{"ses:SendEmail"}, "arn:aws:ses:eu-west-2:111122223333:identity/a.example"))
	template := synth(stack) // CDK itself reports a cycle here
	policy := only(t, template, "AWS::IAM::Policy")
	equal(t, "pool", statement(policy, "Pool")["Action"], `"cognito-idp:AdminAddUserToGroup"`)
	equal(t, "mail", statement(policy, "Mail")["Action"], `"ses:SendEmail"`)
	if waits := fmt.Sprint(only(t, template, "AWS::Lambda::Function")["DependsOn"]); strings.Contains(waits, "LatePolicy") {
		t.Errorf("the function waits for its late policy: %s", waits)
	}
	refused(t, func() { f.AllowInSeparatePolicy(constructs.AllowActions("All", []string{"ses:*"}, "*")) }, "Grants[0][0].Actions", "Grants[0][0].Resources")
}

func TestLeastPrivilegeFunction_Network_DeniesNetworkCallsOfCode(t *testing.T) {
	template := function(t, func(stack awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
		vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{NatGateways: jsii.Number(0), MaxAzs: jsii.Number(2)})
		p.Network = &constructs.FunctionNetwork{
			Vpc:            vpc,
			Subnets:        &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED},
			SecurityGroups: []awsec2.ISecurityGroup{awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{Vpc: vpc})},
		}
	})
	config := at(only(t, template, "AWS::Lambda::Function"), "Properties", "VpcConfig")
	if subnets, _ := at(config, "SubnetIds").([]any); len(subnets) != 2 {
		t.Errorf("the function is in the subnets %v, want the two isolated ones", subnets)
	}
	if group, _ := at(config, "SecurityGroupIds", 0, "Fn::GetAtt", 0).(string); !strings.HasPrefix(group, "Group") {
		t.Errorf("the function's group is %q, want the given one", group)
	}
	connect, deny := statement(template, "LambdaConnectsToVpc"), statement(template, "CodeDoesNotTouchVpc")
	if fmt.Sprint(connect["Action"]) != fmt.Sprint(deny["Action"]) || connect["Action"] == nil {
		t.Errorf("allowed to Lambda: %v, denied to code: %v", connect["Action"], deny["Action"])
	}
	equal(t, "effect", deny["Effect"], `"Deny"`)
	equal(t, "condition", deny["Condition"], `{"ArnEquals": {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-2:111122223333:function:orders"}}`)
	equal(t, "managed policies", at(statementHolder(t, template), "ManagedPolicyArns"), `null`)
}

// statementHolder is the function's role among those CDK makes for itself.
func statementHolder(t *testing.T, template map[string]any) any {
	t.Helper()
	for _, role := range all(template, "AWS::IAM::Role") {
		if statement(role, "WriteOwnLogs") != nil {
			return role["Properties"]
		}
	}
	t.Fatal("no role writes its own logs")
	return nil
}

func TestLeastPrivilegeFunction_GoBundle_IsBuilt(t *testing.T) {
	stack := newStack()
	output := t.TempDir()
	for _, name := range []string{"hello", "goodbye"} {
		constructs.NewLeastPrivilegeFunction(stack, name, &constructs.LeastPrivilegeFunctionProps{
			Name: name, Code: constructs.GoBundle{Package: "./testdata/hello", OutputDir: output},
		})
	}
	var assets []string
	for _, f := range all(synth(stack), "AWS::Lambda::Function") {
		assets = append(assets, fmt.Sprint(at(f, "Properties", "Code", "S3Key")))
	}
	if len(assets) != 2 || assets[0] != assets[1] || len(assets[0]) < 64 {
		t.Errorf("the assets are %v, want one of the same name for both functions", assets)
	}
	built, _ := filepath.Glob(filepath.Join(output, "testdata-hello-arm64-*", "bootstrap"))
	if len(built) != 1 {
		t.Fatalf("the executables are %q, want one", built)
	}
	info, err := os.Stat(built[0])
	if err != nil || info.Size() < 1<<20 {
		t.Errorf("the executable: %v, %v", info, err)
	}
}

func TestLeastPrivilegeFunction_CompileError_IsRefused(t *testing.T) {
	refused(t, func() {
		function(t, func(_ awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
			p.Code = constructs.GoBundle{Package: "./testdata/nothing", OutputDir: t.TempDir()}
		})
	}, "Code")
}
