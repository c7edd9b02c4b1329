package policy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

// TestMain makes the panic of a synth contain the findings, as CDK does for apps whose
// output a program reads. It collects all output in one folder. It turns CDK's
// validator off, which takes seconds, for tests that do not turn it on.
func TestMain(m *testing.M) {
	scratch, err := os.MkdirTemp("", "policy-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "make a folder for the tests:", err)
		os.Exit(1)
	}
	os.Setenv("TMPDIR", scratch)
	os.Setenv("CDK_APP_MODE", "inmemory")
	os.Setenv("CDK_VALIDATION", "false")
	os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,20")
	// jsii read the environment for its Node process when Go initialised the packages.
	// Closing it makes it read the changed environment at its start.
	jsii.Close()

	code := m.Run()
	jsii.Close()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// written writes a cloud assembly with these templates in JSON, as a synth would, and
// with notes of constructs by path.
func written(t *testing.T, notes string, templates ...string) string {
	t.Helper()
	dir := t.TempDir()
	artifacts := []string{}
	for i, template := range templates {
		file := fmt.Sprintf("s%d.template.json", i+1)
		write(t, filepath.Join(dir, file), template)
		artifacts = append(artifacts, fmt.Sprintf(`"s%d": {"type": "aws:cloudformation:stack", "environment": "aws://1/eu-west-2",
			"displayName": "S%[1]d", "properties": {"templateFile": %q, "stackName": "stack-%[1]d"}, "metadata": {%[3]s}}`, i+1, file, notes))
	}
	write(t, filepath.Join(dir, "manifest.json"), `{"artifacts": {`+strings.Join(artifacts, ",")+`}}`)
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// found returns the findings of one rule as "construct: message".
func found(t *testing.T, dir, rule string, props policy.Props) []string {
	t.Helper()
	findings, err := policy.Check(dir, &props)
	if err != nil {
		t.Fatal(err)
	}
	var sentences []string
	for _, f := range findings {
		if f.Rule.ID == rule {
			sentences = append(sentences, f.Construct+": "+f.Message)
		}
	}
	return sentences
}

// edited returns a template in JSON with one property replaced, or removed if the value
// is empty. The path starts below Resources.
func edited(t *testing.T, template, path, value string) string {
	t.Helper()
	var parsed map[string]any
	if err := json.Unmarshal([]byte(template), &parsed); err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(path, ".")
	object := parsed["Resources"].(map[string]any)
	for _, step := range steps[:len(steps)-1] {
		object = object[step].(map[string]any)
	}
	last := steps[len(steps)-1]
	delete(object, last)
	if value != "" {
		var decoded any
		if err := json.Unmarshal([]byte(value), &decoded); err != nil {
			t.Fatal(err)
		}
		object[last] = decoded
	}
	encoded, err := json.Marshal(parsed)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// newApp makes an app with the flags that Attach requires, and a stack.
func newApp() (awscdk.App, awscdk.Stack) {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{
		"@aws-cdk/core:validateAgainstDefaultRules":   true,
		"@aws-cdk/core:annotationsInValidationReport": true,
	}})
	return app, awscdk.NewStack(app, jsii.String("Shop"), nil)
}

// panicOf runs f and returns the text of its panic, or "".
func panicOf(f func()) (text string) {
	defer func() {
		if value := recover(); value != nil {
			text = fmt.Sprint(value)
		}
	}()
	f()
	return ""
}

// refused checks that f panics with a PropsError about exactly the props.
func refused(t *testing.T, f func(), props ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		err, ok := recover().(*constructs.PropsError)
		if !ok {
			t.Fatalf("no *PropsError about %v", props)
		}
		var got []string
		for _, p := range err.Problems {
			got = append(got, p.Prop)
		}
		if strings.Join(got, " ") != strings.Join(props, " ") {
			t.Errorf("problems of %v, want of %v\n%v", got, props, err)
		}
	}()
	f()
}
