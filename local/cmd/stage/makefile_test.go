package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
)

func makeTarget(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "make", args...)
	cmd.Dir = "../../.."
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestMake_WithoutTarget_ListsTargets(t *testing.T) {
	out, err := makeTarget(t)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, target := range []string{"up", "url", "mail", "logs", "replay", "down", "endpoint", "generate", "test", "install", "synth", "diff", "cost", "preflight", "deploy", "release", "rollback", "clean", "help"} {
		if !strings.Contains("\n"+out, "\n"+target+" ") {
			t.Errorf("%s is not listed:\n%s", target, out)
		}
	}
}

func TestMakeDeploy_WithoutStage_IsRefused(t *testing.T) {
	for _, target := range []string{"synth", "diff", "deploy"} {
		out, err := makeTarget(t, "--dry-run", target)
		if err == nil || !strings.Contains(out, "make "+target+" STAGE="+strings.Join(config.Stages(), "|")) {
			t.Errorf("%s without a stage: %v\n%s", target, err, out)
		}
		out, err = makeTarget(t, "--dry-run", target, "STAGE=dev")
		if err != nil || !strings.Contains(out, "npx cdk "+target) || !strings.Contains(out, "--context stage=dev") {
			t.Errorf("%s of dev: %v\n%s", target, err, out)
		}
	}
}

func TestMakeRelease_StageAndApprover_ReachTheCommand(t *testing.T) {
	for target, want := range map[string]string{"release": `-commit "$(git rev-parse HEAD)" -further`, "rollback": "-rollback -further"} {
		out, err := makeTarget(t, "--dry-run", target, "STAGE=prod", "APPROVED_BY=ada", "RECORD=record.json", "OWNER=run-1", "RELEASE_FLAGS=-further")
		if err != nil || !strings.Contains(out, `-stage prod -approved-by "ada" -record "record.json" -owner "run-1" `+want) {
			t.Errorf("%s: %v\n%s", target, err, out)
		}
		if out, err := makeTarget(t, "--dry-run", target); err == nil {
			t.Errorf("%s without a stage:\n%s", target, out)
		}
	}
}

// Cognito refuses a user pool that sends from an unverified domain, so that the stacks must wait for it. A workflow
// cannot answer a question about access.
func TestMakeDeploy_Stage_ChecksAccountBeforeMailAndBeforeTheRest(t *testing.T) {
	for ci, approval := range map[string]string{"": "", "true": "--require-approval never "} {
		t.Run("CI="+ci, func(t *testing.T) {
			t.Setenv("CI", ci)
			out, err := makeTarget(t, "--dry-run", "deploy", "STAGE=dev", "PROFILE=full")
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			isInOrder(t, out,
				"preflight -stage dev -before mail", "cdk deploy "+approval+"expenzez-dev-mail --context stage=dev --context profile=full",
				"preflight -stage dev -before stacks", "cdk deploy "+approval+"--all --context stage=dev --context profile=full",
				"delivery/cmd/release -stage dev", "preflight -stage dev -before users")
		})
	}
}

// The pages of costs and functions have figures that the first command measures.
func TestMakeGenerate_MeasuredOperations_AreWrittenBeforePagesThatReadThem(t *testing.T) {
	out, err := makeTarget(t, "--dry-run", "generate")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	isInOrder(t, out, "go test ./lambdas -run 'TestOperations_AWSCalls|TestTables_Page' -update",
		"go test ./internal/cost -run TestFunctionsPage_Page -update", "go run ./internal/architecture",
		"POLICY_UPDATE=1 go test ./cdk_test -timeout 30m -run 'TestAcceptances|TestCostPage' -update")
}

// isInOrder checks that the output has the steps one after another. Variables of the Makefile that are empty leave
// spaces, so any number of spaces is one.
func isInOrder(t *testing.T, out string, steps ...string) {
	t.Helper()
	out = strings.Join(strings.Fields(out), " ")
	at := -1
	for _, step := range steps {
		next := strings.Index(out, step)
		if next <= at {
			t.Errorf("%q is not in its place:\n%s", step, out)
		}
		at = next
	}
}
