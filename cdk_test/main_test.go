// Package cdk_test tests the templates of every stage: that they hold exactly what the
// declarations and the configuration say.
package cdk_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/policy"
	"github.com/expenzez/infrastructure/stacks"
)

const moduleDir = ".."

func TestMain(m *testing.M) {
	// The validator takes most of a synth's time; test/app runs it.
	os.Setenv("CDK_VALIDATION", "false")
	// jsii read the environment for its Node process when Go initialised the packages.
	// Closing it makes it read the changed environment at its start.
	jsii.Close()
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// stage is a synthesized stage: its configuration, its templates by stack, the stacks
// that each stack is deployed after, and its acceptances.
type stage struct {
	// name is the stage's name, with the profile if it is not the stage's own.
	name      string
	config    config.Config
	templates map[string]template
	after     map[string][]string
	accepted  []policy.Acceptance
}

type template struct {
	Resources map[string]resource
	Outputs   map[string]any
}

type resource struct {
	Type           string
	Properties     map[string]any
	DeletionPolicy string
}

// synthesized builds every stage once for all tests.
var synthesized = sync.OnceValues(func() ([]stage, error) {
	return synthesize(config.Stages(), "")
})

// withAllControls builds the stages that hold users' data with every control. No other
// stage is built: a synth takes seconds.
var withAllControls = sync.OnceValues(func() ([]stage, error) {
	return synthesize([]string{"staging", "prod"}, config.Full)
})

func synthesize(names []string, profile config.Profile) (stages []stage, err error) {
	for _, name := range names {
		out, err := os.MkdirTemp("", "cdk-test-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(out)
		s := stage{name: strings.TrimSpace(name + " " + string(profile))}
		if s.config, err = synth(name, profile, out); err != nil {
			return nil, err
		}
		if s.templates, err = readTemplates(out); err != nil {
			return nil, err
		}
		if s.accepted, err = policy.Acceptances(out); err != nil {
			return nil, err
		}
		if s.after, err = readOrder(out); err != nil {
			return nil, err
		}
		stages = append(stages, s)
	}
	return stages, nil
}

// synth writes the stage's cloud assembly to a folder, with the feature flags of
// cdk.json as the CDK CLI passes them.
func synth(name string, profile config.Profile, out string) (config.Config, error) {
	cfg, err := config.LoadProfile(name, profile)
	if err != nil {
		return cfg, err
	}
	text, err := os.ReadFile(filepath.Join(moduleDir, "cdk.json"))
	if err != nil {
		return cfg, err
	}
	var settings struct{ Context map[string]any }
	if err := json.Unmarshal(text, &settings); err != nil {
		return cfg, fmt.Errorf("cdk.json: %w", err)
	}
	app := awscdk.NewApp(&awscdk.AppProps{
		Outdir:             jsii.String(out),
		Context:            &settings.Context,
		AnalyticsReporting: jsii.Bool(false),
	})
	stacks.Build(app, cfg, moduleDir)
	app.Synth(nil)
	return cfg, nil
}

func readTemplates(dir string) (map[string]template, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.template.json"))
	if err != nil {
		return nil, err
	}
	templates := map[string]template{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var parsed template
		if err := json.Unmarshal(text, &parsed); err != nil {
			return nil, err
		}
		templates[strings.TrimSuffix(filepath.Base(file), ".template.json")] = parsed
	}
	return templates, nil
}

func readOrder(dir string) (map[string][]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return nil, err
	}
	var manifest struct {
		Artifacts map[string]struct{ Dependencies []string }
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, err
	}
	after := map[string][]string{}
	for name, artifact := range manifest.Artifacts {
		after[name] = artifact.Dependencies
	}
	return after, nil
}

// eachStage runs a test on every stage with the controls of its configuration.
func eachStage(t *testing.T, test func(t *testing.T, s stage)) {
	t.Helper()
	stages, err := synthesized()
	run(t, stages, err, test)
}

// eachProfile runs a test on every stage, and on those that are built with all controls.
func eachProfile(t *testing.T, test func(t *testing.T, s stage)) {
	t.Helper()
	eachStage(t, test)
	eachFull(t, test)
}

// eachFull runs a test on the stages that are built with all controls.
func eachFull(t *testing.T, test func(t *testing.T, s stage)) {
	t.Helper()
	stages, err := withAllControls()
	run(t, stages, err, test)
}

func run(t *testing.T, stages []stage, err error, test func(t *testing.T, s stage)) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stages {
		t.Run(s.name, func(t *testing.T) { test(t, s) })
	}
}

// ofType returns the resources of a type in all stacks, by stack and logical id.
func (s stage) ofType(kind string) map[string]resource {
	found := map[string]resource{}
	for stack, template := range s.templates {
		for id, r := range template.Resources {
			if r.Type == kind {
				found[stack+"/"+id] = r
			}
		}
	}
	return found
}

// some returns the resources of a type and fails the test if there is none.
func (s stage) some(t *testing.T, kind string) map[string]resource {
	t.Helper()
	found := s.ofType(kind)
	if len(found) == 0 {
		t.Fatalf("there is no %s", kind)
	}
	return found
}

// named returns the resource of a type whose property has the value.
func (s stage) named(t *testing.T, kind, property, value string) resource {
	t.Helper()
	for _, r := range s.ofType(kind) {
		if r.Properties[property] == value {
			return r
		}
	}
	t.Fatalf("no %s has the %s %q", kind, property, value)
	return resource{}
}

// text returns a template's value as JSON, for a search of its text.
func text(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}
