package policy_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write testdata anew from what the app writes now")

// brokenOutput is the app's output with long lines cut.
const brokenOutput = "testdata/broken.txt"

// brokenApp is the program of testdata/broken.
var brokenApp = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "broken-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "broken")
	build := exec.Command("go", "build", "-o", binary, "./testdata/broken")
	build.Stderr = os.Stderr
	return binary, build.Run()
})

// runBroken runs the app as a user does, with these defects, and returns its output and
// exit status.
func runBroken(t *testing.T, variables []string, ways ...string) (string, int) {
	t.Helper()
	binary, err := brokenApp()
	if err != nil {
		t.Fatal(err)
	}
	code := t.TempDir()
	if err := os.WriteFile(filepath.Join(code, "bootstrap"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	app := exec.Command(binary, ways...)
	app.Env = append(os.Environ(), "CDK_APP_MODE=", "CDK_OUTDIR="+t.TempDir(), "BOOTSTRAP="+code)
	app.Env = append(app.Env, variables...)
	written, _ := app.CombinedOutput()
	return string(written), app.ProcessState.ExitCode()
}

func TestExitOnFailure_Findings_AreOnlyOutput(t *testing.T) {
	written, status := runBroken(t, nil, "rule", "nag", "granular", "role")
	if status != 1 {
		t.Errorf("the exit status is %d", status)
	}
	got := regexp.MustCompile(`(?m)^CDK's report: .*/validation-report.json$`).ReplaceAllString(written, "CDK's report: FILE")
	got = regexp.MustCompile(`(?m)^(AwsSolutions-.{40}|  why .{40}).*$`).ReplaceAllString(got, "$1…")
	if *update {
		write(t, brokenOutput, got)
	}
	if want := readFile(t, brokenOutput); got != want {
		t.Errorf("the app wrote\n%s\nwant\n%s\nIf that is meant: go test ./policy -run ExitOnFailure_Findings -update", got, want)
	}
}

func TestExitOnFailure_ValidatorFinding_PrintsAcceptLine(t *testing.T) {
	written, _ := runBroken(t, []string{"CDK_VALIDATION=true"}, "validator")
	want := `CloudFormation-Validate::F3002: Nonsense: Additional properties are not allowed ('Nonsense' was unexpected)
  where   Shop/Queue (Queue)
  accept  policy.Accept(queue, "CloudFormation-Validate::F3002", "<reason, 30 characters or more>")
`
	if !strings.Contains(written, want) {
		t.Errorf("the app wrote\n%s", written)
	}
}

func TestExitOnFailure_InvalidProps_PrintsCallSite(t *testing.T) {
	written, status := runBroken(t, nil, "props")
	want := `^SecureTable "Shop/Users": invalid props
  Name: .*
  PartitionKey.Name: .*
  RecoveryDays: is 90; use 1 to 35
  at \S+/policy/testdata/broken/main.go:\d+
$`
	if status != 1 || !regexp.MustCompile(want).MatchString(written) {
		t.Errorf("exit status %d and\n%s", status, written)
	}
}

func TestExitOnFailure_CDKError_PrintsCallSite(t *testing.T) {
	written, status := runBroken(t, nil, "cdk")
	if status != 1 || !strings.Contains(written, "already a Construct with name 'Shop'") || !strings.Contains(written, "\n  at ") || strings.Contains(written, "goroutine") {
		t.Errorf("exit status %d and\n%s", status, written)
	}
}

func TestExitOnFailure_StackVariable_PrintsStack(t *testing.T) {
	written, status := runBroken(t, []string{"POLICY_STACK=1"}, "rule")
	message, stack := strings.Index(written, "policy::log-retention"), strings.Index(written, "goroutine 1")
	if status != 1 || message < 0 || stack < message {
		t.Errorf("exit status %d and\n%s", status, written)
	}
}

func TestExitOnFailure_RuntimeError_PanicsAgain(t *testing.T) {
	written, status := runBroken(t, nil, "bug")
	if status != 2 || !strings.Contains(written, "nil pointer") || !strings.Contains(written, "broken/main.go:") {
		t.Errorf("exit status %d and\n%s", status, written)
	}
}

func TestExitOnFailure_UnderCDKCLI_Fails(t *testing.T) {
	written, status := runBroken(t, []string{`CDK_CONTEXT_JSON={"@aws-cdk/core:appMode":"process"}`}, "rule")
	if status != 1 || !strings.Contains(written, "policy::log-retention") {
		t.Errorf("exit status %d and\n%s", status, written)
	}
}

func TestExitOnFailure_CleanApp_PrintsNothing(t *testing.T) {
	for range 20 { // jsii's waitNoise comes about every second time
		if written, status := runBroken(t, nil); status != 0 || written != "" {
			t.Fatalf("exit status %d and\n%s", status, written)
		}
	}
}
