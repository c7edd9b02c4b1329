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
	for _, target := range []string{"up", "url", "mail", "logs", "replay", "down", "test", "install", "synth", "diff", "deploy", "clean", "help"} {
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
