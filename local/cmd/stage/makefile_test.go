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
	for _, target := range []string{"up", "url", "mail", "logs", "replay", "down", "test", "install", "synth", "diff", "cost", "preflight", "deploy", "clean", "help"} {
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

// Cognito refuses a user pool that sends from an unverified domain, so that the stacks must wait for it.
func TestMakeDeploy_Stage_ChecksAccountBeforeMailAndBeforeTheRest(t *testing.T) {
	out, err := makeTarget(t, "--dry-run", "deploy", "STAGE=dev", "PROFILE=full")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	at := -1
	for _, step := range []string{
		"preflight -stage dev -before mail", "cdk deploy expenzez-dev-mail --context stage=dev --context profile=full",
		"preflight -stage dev -before stacks", "cdk deploy --all --context stage=dev --context profile=full", "preflight -stage dev -before users",
	} {
		next := strings.Index(out, step)
		if next <= at {
			t.Errorf("%q is not in its place:\n%s", step, out)
		}
		at = next
	}
}
