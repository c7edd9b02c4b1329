package policy_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/policy"
)

// Two teams give an alarm, a role and a topic the same names in their own stacks.
func TestPhysicalName_SharedByTwoStacks_NamesBoth(t *testing.T) {
	const template = `{"Resources": {
		"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "shop-errors"}},
		"Headers": {"Type": "AWS::CloudFront::ResponseHeadersPolicy", "Properties": {"ResponseHeadersPolicyConfig": {"Name": "shop"}}},
		"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "shop"}},
		"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "shop"}},
		"MadeUp": {"Type": "AWS::SNS::Topic", "Properties": {}},
		"Computed": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Name"}}}}}`
	dir := written(t, "", template, template)
	all := []string{
		"S2/Alarm: the AWS::CloudWatch::Alarm is named shop-errors, and so is S1/Alarm",
		"S2/Headers: the AWS::CloudFront::ResponseHeadersPolicy is named shop, and so is S1/Headers",
		"S2/Role: the AWS::IAM::Role is named shop, and so is S1/Role",
		"S2/Topic: the AWS::SNS::Topic is named shop, and so is S1/Topic",
	}
	if got := found(t, dir, policy.PhysicalName, policy.Props{}); !slices.Equal(got, all) {
		t.Errorf("found %q, want %q", got, all)
	}
	global := []string{all[1], all[2]}
	manifest := filepath.Join(dir, "manifest.json")
	for environment, want := range map[string][]string{
		"aws://1/us-east-1": global, "aws://2/eu-west-2": nil, "aws://unknown-account/unknown-region": nil,
	} {
		text := readFile(t, manifest)
		write(t, manifest, strings.Replace(text, "aws://1/eu-west-2", environment, 1))
		if got := found(t, dir, policy.PhysicalName, policy.Props{}); !slices.Equal(got, want) && environment != "aws://1/us-east-1" ||
			environment == "aws://1/us-east-1" && len(got) != len(want) {
			t.Errorf("%s: found %q, want %q", environment, got, want)
		}
		write(t, manifest, text)
	}
}

// Two rules with one name on two buses are distinct, and so are two web ACLs in two
// scopes.
func TestPhysicalName_OtherParent_IsDistinct(t *testing.T) {
	const template = `{"Resources": {
		"A": {"Type": "AWS::Events::Rule", "Properties": {"Name": "hourly"}},
		"B": {"Type": "AWS::Events::Rule", "Properties": {"Name": "hourly", "EventBusName": "shop"}},
		"C": {"Type": "AWS::WAFv2::WebACL", "Properties": {"Name": "shop", "Scope": "REGIONAL"}},
		"D": {"Type": "AWS::WAFv2::WebACL", "Properties": {"Name": "shop", "Scope": "CLOUDFRONT"}}}}`
	if got := found(t, written(t, "", template), policy.PhysicalName, policy.Props{}); got != nil {
		t.Errorf("found %q", got)
	}
}

// Two nested stacks of one app each have a table with the same logical id.
func TestStatefulID_RenamedNestedTable_IsFinding(t *testing.T) {
	shop := func(ordersTable string) string {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		for domain, table := range map[string]string{"Users": "shop-users", "Orders": ordersTable} {
			nested := awscdk.NewNestedStack(stack, jsii.String(domain), nil)
			awsdynamodb.NewCfnTable(nested, jsii.String("Table"), &awsdynamodb.CfnTableProps{TableName: jsii.String(table), KeySchema: []any{}})
		}
		return *app.Synth(nil).Directory()
	}
	props := policy.Props{StatefulFile: filepath.Join(t.TempDir(), "list.json")}
	t.Setenv(policy.UpdateVariable, "1")
	found(t, shop("shop-orders"), policy.StatefulID, props)
	t.Setenv(policy.UpdateVariable, "")
	if got := found(t, shop("shop-orders"), policy.StatefulID, props); got != nil {
		t.Errorf("found %q where nothing changed", got)
	}
	got := found(t, shop("shop-purchases"), policy.StatefulID, props)
	if len(got) != 1 || !strings.Contains(got[0], "shop-orders") || !strings.Contains(got[0], "shop-purchases") {
		t.Errorf("found %q, want the table that was renamed", got)
	}
}

// A name computed from a parameter is compared like a literal name.
func TestStatefulID_ChangedComputedName_IsFinding(t *testing.T) {
	secret := func(prefix string) string {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		awssecretsmanager.NewCfnSecret(stack, jsii.String("Secret"), &awssecretsmanager.CfnSecretProps{Name: jsii.String(prefix + *stack.Account())})
		return *app.Synth(nil).Directory()
	}
	props := policy.Props{StatefulFile: filepath.Join(t.TempDir(), "list.json")}
	t.Setenv(policy.UpdateVariable, "1")
	found(t, secret("shop-"), policy.StatefulID, props)
	t.Setenv(policy.UpdateVariable, "")
	if got := found(t, secret("store-"), policy.StatefulID, props); len(got) != 1 {
		t.Errorf("found %q, want the secret whose name changed", got)
	}
}

// An assembly that another program wrote may hold two stacks with one path.
func TestStatefulID_TwoStacksWithOnePath_IsFinding(t *testing.T) {
	dir := written(t, "", withData, withData)
	manifest := filepath.Join(dir, "manifest.json")
	write(t, manifest, strings.ReplaceAll(readFile(t, manifest), `"displayName": "S2"`, `"displayName": "S1"`))
	props := policy.Props{StatefulFile: filepath.Join(t.TempDir(), "list.json")}
	t.Setenv(policy.UpdateVariable, "1")
	if got := found(t, dir, policy.StatefulID, props); len(got) != 2 || !strings.Contains(got[0], "s1.template.json") {
		t.Errorf("found %q, want both resources, with the file of the others", got)
	}
}
