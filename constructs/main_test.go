package constructs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// TestMain lets the panic of a synth carry the findings, keeps what CDK and Go
// write in one folder that goes afterwards, and turns off CDK's own template
// validator, which takes seconds per synth.
func TestMain(m *testing.M) {
	if exit, asked := buildBundle(); asked {
		os.Exit(exit)
	}
	scratch, err := os.MkdirTemp("", "constructs-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "make a folder for the tests:", err)
		os.Exit(1)
	}
	os.Setenv("TMPDIR", scratch)
	os.Setenv("CDK_APP_MODE", "inmemory")
	os.Setenv("CDK_VALIDATION", "false")
	os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,20")
	// jsii took the environment for its Node process when Go initialized the
	// packages; closed before it started, it takes the new one.
	jsii.Close()

	code := m.Run()
	jsii.Close()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// newStack makes a stack with a known account and region in an app of its own,
// with those of CDK's recommended flags that decide how policies are written.
func newStack() awscdk.Stack {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{
		"@aws-cdk/aws-iam:minimizePolicies":     true,
		"@aws-cdk/core:enablePartitionLiterals": true,
	}})
	return awscdk.NewStack(app, jsii.String("Test"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-2")},
	})
}

// outputDir is where examples, which have no test to ask, put what they build.
func outputDir() string { return os.TempDir() }

func synth(stack awscdk.Stack) map[string]any {
	return *assertions.Template_FromStack(stack, nil).ToJSON()
}

// build makes whatever is made in a new stack and returns its template.
func build(make func(stack awscdk.Stack)) map[string]any {
	stack := newStack()
	make(stack)
	return synth(stack)
}

// only returns the one resource of a type.
func only(t *testing.T, template map[string]any, kind string) map[string]any {
	t.Helper()
	found := all(template, kind)
	if len(found) != 1 {
		t.Fatalf("the template has %d resources of type %s, want 1", len(found), kind)
	}
	return found[0]
}

func all(template map[string]any, kind string) []map[string]any {
	var found []map[string]any
	resources, _ := template["Resources"].(map[string]any)
	for _, r := range resources {
		if resource := r.(map[string]any); resource["Type"] == kind {
			found = append(found, resource)
		}
	}
	return found
}

// at follows keys and indexes into decoded JSON; nil where there is nothing.
func at(value any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := value.(map[string]any)
			value = m[s]
		case int:
			list, _ := value.([]any)
			if s >= len(list) {
				return nil
			}
			value = list[s]
		}
	}
	return value
}

// equal compares decoded JSON with JSON text.
func equal(t *testing.T, what string, got any, want string) {
	t.Helper()
	var wanted any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatalf("%s: the test's own JSON: %v", what, err)
	}
	if !reflect.DeepEqual(got, wanted) {
		raw, _ := json.MarshalIndent(got, "", "  ")
		t.Errorf("%s is\n%s\nwant\n%s", what, raw, want)
	}
}

// statement finds a policy statement by its Sid anywhere below value.
func statement(value any, sid string) map[string]any {
	switch v := value.(type) {
	case map[string]any:
		if v["Sid"] == sid {
			return v
		}
		for _, child := range v {
			if s := statement(child, sid); s != nil {
				return s
			}
		}
	case []any:
		for _, child := range v {
			if s := statement(child, sid); s != nil {
				return s
			}
		}
	}
	return nil
}

// panicOf runs f and returns what it panicked with, or nil.
func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// refused checks that f panics with a PropsError that holds exactly one problem
// for each of the props.
func refused(t *testing.T, f func(), props ...string) {
	t.Helper()
	value := panicOf(f)
	err, ok := value.(*constructs.PropsError)
	if !ok {
		t.Fatalf("panicked with %v, want a *PropsError about %v", value, props)
	}
	var got []string
	for _, p := range err.Problems {
		got = append(got, p.Prop)
	}
	if !reflect.DeepEqual(got, props) {
		t.Errorf("problems of %v, want of %v\n%v", got, props, err)
	}
}

// synthFails checks that synthesis reports something that contains all words.
func synthFails(t *testing.T, stack awscdk.Stack, words ...string) {
	t.Helper()
	message := fmt.Sprint(panicOf(func() { awscdk.App_Of(stack).Synth(nil) }))
	for _, word := range words {
		if !strings.Contains(message, word) {
			t.Errorf("synthesis said %q, want a word of %q", message, word)
		}
	}
}

func synthSucceeds(t *testing.T, stack awscdk.Stack) {
	t.Helper()
	if value := panicOf(func() { awscdk.App_Of(stack).Synth(nil) }); value != nil {
		t.Errorf("synthesis failed: %v", value)
	}
}
