package assembly_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// shop is an app of two stacks, Shop and Far. Shop holds the nested stacks Inner
// and Sibling, and Inner holds Deep. Each has a role with the logical id Role.
var shop = map[string]string{
	"manifest.json": `{"artifacts": {
		"Shop": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-2", "displayName": "Shop",
			"properties": {"templateFile": "shop.json", "stackName": "prod-shop"}, "metadata": {
			"/Shop/Role": [{"type": "aws:cdk:logicalId", "data": "Role"}],
			"/Shop/Inner/Role": [{"type": "aws:cdk:logicalId", "data": "Role"}],
			"/Shop/Inner/Deep/Role": [{"type": "aws:cdk:logicalId", "data": "Role"}],
			"/Shop/Inner.NestedStack/Inner.NestedStackResource": [{"type": "aws:cdk:logicalId", "data": "Inner"}],
			"/Shop/Inner/Deep.NestedStack/Deep.NestedStackResource": [{"type": "aws:cdk:logicalId", "data": "Deep"}],
			"/Shop/Sibling.NestedStack/Sibling.NestedStackResource": [{"type": "aws:cdk:logicalId", "data": "Sibling"}]}},
		"Far": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/us-east-1", "displayName": "Far",
			"properties": {"templateFile": "far.json"}},
		"Assets": {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}}}`,
	"assets.json": `{"files": {
		"1": {"source": {"path": "inner.json", "packaging": "file"}, "destinations": {"d": {"objectKey": "1.json"}}},
		"2": {"source": {"path": "sibling.json", "packaging": "file"}, "destinations": {"d": {"objectKey": "2.json"}}},
		"3": {"source": {"path": "deep.json", "packaging": "file"}, "destinations": {"d": {"objectKey": "3.json"}}}}}`,
	"shop.json": `{
		"Mappings": {"Names": {"eu-west-2": {"role": "mapped"}}},
		"Parameters": {"Default": {"Type": "String", "Default": "assumed"}, "Unknown": {"Type": "String"}},
		"Resources": {"Role": {"Type": "AWS::IAM::Role"},
			"Foreign": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com/t.json"}},
			"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, "/b/1.json"]]},
				"Parameters": {"Outer": {"Ref": "Role"}}}},
			"Sibling": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::Sub": "https://s3.${AWS::URLSuffix}/b/2.json"},
				"Parameters": {"Other": {"Fn::GetAtt": ["Inner", "Outputs.DeepRole"]}}}},
			"Writer": {"Type": "Custom::CrossRegionExportWriter", "Properties": {"WriterProps": {"exports": {"/cdk/exports/Far/role": {"Fn::GetAtt": ["Inner", "Outputs.DeepRole"]}}}}}},
		"Outputs": {"Exported": {"Value": {"Ref": "Role"}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:role"}}}}}`,
	"inner.json": `{"Parameters": {"Outer": {"Type": "String"}}, "Resources": {"Role": {"Type": "AWS::IAM::Role"},
			"Deep": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://s3/b/3.json", "Parameters": {"Outermost": {"Ref": "Outer"}}}}},
		"Outputs": {"DeepRole": {"Value": {"Fn::GetAtt": ["Deep", "Outputs.Own"]}}}}`,
	"sibling.json": `{"Parameters": {"Other": {"Type": "String"}}, "Resources": {}}`,
	"deep.json": `{"Parameters": {"Outermost": {"Type": "String"}}, "Resources": {"Role": {"Type": "AWS::IAM::Role"}},
		"Outputs": {"Own": {"Value": {"Ref": "Role"}}, "Arn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}}}`,
	"far.json": `{"Resources": {"Reader": {"Type": "Custom::CrossRegionExportReader"}}}`,
}

func read(t *testing.T, files map[string]string) map[string]*assembly.Stack {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, err := assembly.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	stacks := map[string]*assembly.Stack{}
	for _, s := range a.Stacks {
		stacks[s.Path] = s
	}
	return stacks
}

func TestParts_EverySpellingOfAReference_LeadsToItsResource(t *testing.T) {
	type m = map[string]any
	type l = []any
	cases := map[string]struct {
		stack string
		value any
		want  string
	}{
		"text":                            {"Shop", "orders", "orders"},
		"a resource":                      {"Shop", m{"Ref": "Role"}, "${Shop/Role.Ref}"},
		"an attribute":                    {"Shop", m{"Fn::GetAtt": l{"Role", "Arn"}}, "${Shop/Role.Arn}"},
		"an attribute, short":             {"Shop", m{"Fn::GetAtt": "Role.Arn"}, "${Shop/Role.Arn}"},
		"joined":                          {"Shop", m{"Fn::Join": l{"/", l{"role", m{"Ref": "Role"}}}}, "role/${Shop/Role.Ref}"},
		"substituted":                     {"Shop", m{"Fn::Sub": "${Role}"}, "${Shop/Role.Ref}"},
		"substituted attribute":           {"Shop", m{"Fn::Sub": "<${Role.Arn}>"}, "<${Shop/Role.Arn}>"},
		"substituted variable":            {"Shop", m{"Fn::Sub": l{"${X}", m{"X": m{"Ref": "Role"}}}}, "${Shop/Role.Ref}"},
		"not substituted":                 {"Shop", m{"Fn::Sub": "${!Role}"}, "${!Role}"},
		"either":                          {"Shop", m{"Fn::If": l{"C", "x", m{"Ref": "Role"}}}, "x${Shop/Role.Ref}"},
		"split":                           {"Shop", m{"Fn::Select": l{1.0, m{"Fn::Split": l{"/", m{"Ref": "Role"}}}}}, "1/${Shop/Role.Ref}"},
		"mapped":                          {"Shop", m{"Fn::FindInMap": l{"Names", m{"Ref": "AWS::Region"}, "role"}}, "mapped"},
		"a parameter's default":           {"Shop", m{"Ref": "Default"}, "assumed"},
		"an unknown parameter":            {"Shop", m{"Ref": "Unknown"}, "${Unknown}"},
		"the partition":                   {"Shop", m{"Ref": "AWS::Partition"}, "${AWS::Partition}"},
		"the account":                     {"Shop", m{"Ref": "AWS::AccountId"}, "111122223333"},
		"from parent to nested":           {"Shop/Inner", m{"Ref": "Outer"}, "${Shop/Role.Ref}"},
		"from parent to nested, as text":  {"Shop/Inner", m{"Fn::Sub": "${Outer}"}, "${Shop/Role.Ref}"},
		"two levels down":                 {"Shop/Inner/Deep", m{"Ref": "Outermost"}, "${Shop/Role.Ref}"},
		"two levels up":                   {"Shop", m{"Fn::GetAtt": l{"Inner", "Outputs.DeepRole"}}, "${Shop/Inner/Deep/Role.Ref}"},
		"two levels up, short":            {"Shop", m{"Fn::GetAtt": "Inner.Outputs.DeepRole"}, "${Shop/Inner/Deep/Role.Ref}"},
		"two levels up, as text":          {"Shop", m{"Fn::Sub": "${Inner.Outputs.DeepRole}"}, "${Shop/Inner/Deep/Role.Ref}"},
		"an attribute from nested":        {"Shop/Inner", m{"Fn::GetAtt": l{"Deep", "Outputs.Arn"}}, "${Shop/Inner/Deep/Role.Arn}"},
		"from sibling to sibling":         {"Shop/Sibling", m{"Ref": "Other"}, "${Shop/Inner/Deep/Role.Ref}"},
		"exported":                        {"Far", m{"Fn::ImportValue": "prod-shop:role"}, "${Shop/Role.Ref}"},
		"exported, named by a function":   {"Far", m{"Fn::ImportValue": m{"Fn::Join": l{":", l{"prod-shop", "role"}}}}, "${Shop/Role.Ref}"},
		"exported by another app":         {"Far", m{"Fn::ImportValue": "other/role"}, "${other:role}"},
		"an output read at deployment":    {"Far", m{"Fn::GetStackOutput": m{"StackName": "prod-shop", "OutputName": "Exported", "Region": "eu-west-2"}}, "${Shop/Role.Ref}"},
		"handed to another region":        {"Far", m{"Fn::GetAtt": l{"Reader", "/cdk/exports/Far/role"}}, "${Shop/Inner/Deep/Role.Ref}"},
		"an output that is not there":     {"Shop", m{"Fn::GetAtt": l{"Foreign", "Outputs.X"}}, "${Shop/Foreign.Outputs.X}"},
		"within a list within a property": {"Shop", l{m{"A": m{"Ref": "Role"}}, "x"}, "${Shop/Role.Ref}x"},
	}
	stacks := read(t, shop)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := assembly.Text(stacks[c.stack].Parts(c.value)); got != c.want {
				t.Errorf("%v in %s is %q, want %q", c.value, c.stack, got, c.want)
			}
		})
	}
}

func TestParts_TemplateThatRefersToItself_Ends(t *testing.T) {
	files := map[string]string{
		"manifest.json": `{"artifacts": {"S": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "s.json"}}}}`,
		"s.json":        `{"Resources": {}, "Outputs": {"O": {"Value": {"Fn::ImportValue": "loop"}, "Export": {"Name": "loop"}}}}`,
	}
	if got := assembly.Text(read(t, files)["S"].Parts(map[string]any{"Fn::ImportValue": "loop"})); !strings.Contains(got, "…") {
		t.Errorf("the loop is %q", got)
	}
}

func TestRead_NestedStacks_HaveTheirOwnPathsAndResources(t *testing.T) {
	stacks := read(t, shop)
	for path, want := range map[string]string{"Shop": "Shop/Role", "Shop/Inner": "Shop/Inner/Role", "Shop/Inner/Deep": "Shop/Inner/Deep/Role"} {
		if got := stacks[path].Resources["Role"].Path; got != want {
			t.Errorf("the role of %s is at %q", path, got)
		}
	}
	if env := stacks["Shop/Inner/Deep"].Environment; env != "aws://111122223333/eu-west-2" {
		t.Errorf("a nested stack is in %q", env)
	}
	if stacks["Shop"].Nested("Inner") != stacks["Shop/Inner"] || stacks["Shop"].Nested("Foreign") != nil {
		t.Error("a nested stack is not found by its resource, or one is found whose template is not in the assembly")
	}
}

func TestRead_FileThatIsMissing_IsAnError(t *testing.T) {
	for _, missing := range []string{"assets.json", "deep.json", "far.json"} {
		dir := t.TempDir()
		for name, text := range shop {
			if name != missing {
				os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
			}
		}
		if _, err := assembly.Read(dir); err == nil || !strings.Contains(fmt.Sprint(err), missing) {
			t.Errorf("without %s the error is %v", missing, err)
		}
	}
}

func TestLiteral_FunctionsWithAKnownResult_AreReplaced(t *testing.T) {
	type m = map[string]any
	stacks := read(t, shop)
	value := m{
		"Known":   m{"Fn::Join": []any{"-", []any{m{"Ref": "Default"}, m{"Fn::FindInMap": []any{"Names", m{"Ref": "AWS::Region"}, "role"}}}}},
		"Role":    m{"Ref": "Role"},
		"Unknown": m{"Fn::Sub": "${Unknown}"},
		"Either":  m{"Fn::If": []any{"C", "x", m{"Ref": "Default"}}},
		"List":    []any{m{"Ref": "Default"}, 1.0, true},
	}
	want := m{
		"Known": "assumed-mapped", "Role": m{"Ref": "Role"}, "Unknown": m{"Fn::Sub": "${Unknown}"},
		"Either": m{"Fn::If": []any{"C", "x", "assumed"}}, "List": []any{"assumed", 1.0, true},
	}
	if got := stacks["Shop"].Literal(value); !reflect.DeepEqual(got, want) {
		t.Errorf("the value is %v, want %v", got, want)
	}
}
