// Package app_test runs the CDK app like the CDK CLI does, with its validator and
// without AWS credentials.
package app_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
)

const moduleDir = "../.."

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "expenzez-app-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "app")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir, build.Stderr = moduleDir, os.Stderr
	code := 1
	if build.Run() == nil {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// run starts the app with the context of cdk.json and a stage, which a profile may follow,
// as in "prod full". It returns the app's output and its exit status.
func run(t *testing.T, stage, out string, variables ...string) (string, int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(moduleDir, "cdk.json"))
	if err != nil {
		t.Fatal(err)
	}
	var settings struct{ Context map[string]any }
	if err := json.Unmarshal(text, &settings); err != nil {
		t.Fatal(err)
	}
	stage, profile, _ := strings.Cut(stage, " ")
	if stage != "" {
		settings.Context["stage"] = stage
	}
	if profile != "" {
		settings.Context["profile"] = profile
	}
	context, err := json.Marshal(settings.Context)
	if err != nil {
		t.Fatal(err)
	}
	app := exec.Command(binary)
	app.Dir = moduleDir
	app.Env = append(withoutAWS(os.Environ()), "CDK_CONTEXT_JSON="+string(context), "CDK_OUTDIR="+out,
		"CI=true", // so that the validator runs
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=18,20")
	app.Env = append(app.Env, variables...)
	written, err := app.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(written), app.ProcessState.ExitCode()
}

func withoutAWS(environment []string) []string {
	var kept []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "CDK_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

func TestApp_EachStage_SynthesizesWithoutCredentials(t *testing.T) {
	for _, stage := range config.Stages() {
		t.Run(stage, func(t *testing.T) {
			out := t.TempDir()
			written, code := run(t, stage, out)
			cfg, err := config.Load(stage)
			if err != nil {
				t.Fatal(err)
			}
			if code != 0 || strings.TrimSuffix(written, "\n") != cfg.PlaceholderNote() { // local has no examples
				t.Fatalf("exit status %d:\n%s", code, written)
			}
			report, err := os.ReadFile(filepath.Join(out, "validation-report.json"))
			if err != nil {
				t.Fatalf("the validator did not run: %v", err)
			}
			var validation struct{ PluginReports []any }
			if err := json.Unmarshal(report, &validation); err != nil || len(validation.PluginReports) > 0 {
				t.Errorf("the validator found (%v):\n%s", err, report)
			}
		})
	}
}

func TestApp_UnknownStage_NamesKnownStages(t *testing.T) {
	for _, stage := range []string{"", "prd"} {
		written, code := run(t, stage, t.TempDir())
		if code != 1 || strings.Count(written, "\n") != 1 || !strings.Contains(written, strings.Join(config.Stages(), "|")) {
			t.Errorf("stage %q: exit status %d and\n%s", stage, code, written)
		}
	}
}

// The refusal names the examples of the configuration, too.
func TestApp_OtherAccount_IsRefusedBeforeBuild(t *testing.T) {
	out := t.TempDir()
	written, code := run(t, "prod", out, "CDK_DEFAULT_ACCOUNT=123456789012")
	for _, want := range []string{"123456789012", "API.Edge.Zone.ID", "Subscriptions.ProjectID"} {
		if code != 1 || strings.Count(written, "\n") != 1 || !strings.Contains(written, want) {
			t.Errorf("exit status %d, no %q in\n%s", code, want, written)
		}
	}
	if files, err := os.ReadDir(out); err != nil || len(files) > 0 {
		t.Errorf("something was built: %v, %v", files, err)
	}
}
