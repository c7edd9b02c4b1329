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
	for _, target := range []string{"up", "url", "mail", "logs", "replay", "down", "test", "install", "synth", "diff", "cost", "preflight", "deploy", "release", "rollback", "clean", "help"} {
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
	for target, want := range map[string]string{"release": `-commit "$(git rev-parse HEAD)"`, "rollback": "-rollback"} {
		out, err := makeTarget(t, "--dry-run", target, "STAGE=prod", "APPROVED_BY=ada", "RECORD=record.json", "OWNER=run-1")
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
			out = strings.Join(strings.Fields(out), " ") // variables that are empty leave spaces
			at := -1
			for _, step := range []string{
				"preflight -stage dev -before mail", "cdk deploy " + approval + "expenzez-dev-mail --context stage=dev --context profile=full",
				"preflight -stage dev -before stacks", "cdk deploy " + approval + "--all --context stage=dev --context profile=full",
				"delivery/cmd/release -stage dev", "preflight -stage dev -before users",
			} {
				next := strings.Index(out, step)
				if next <= at {
					t.Errorf("%q is not in its place:\n%s", step, out)
				}
				at = next
			}
		})
	}
}
