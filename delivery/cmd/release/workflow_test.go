package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
)

// releaseOptions returns the options that the step of a workflow gives this command by make.
func releaseOptions(t *testing.T, workflow, target string) (o options) {
	t.Helper()
	env := append(os.Environ(), "STAGE=prod", "APPROVED_BY=grace", "RUNNER_TEMP=/tmp/run", "GITHUB_RUN_ID=7",
		"GITHUB_ACTOR=ada", "FURTHER=-further", "CI=true")
	shell := func(script string) string {
		command := exec.CommandContext(t.Context(), "bash", "-ec", script)
		command.Dir, command.Env = "../../..", env
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
		return string(out)
	}
	printed := shell(strings.Replace(step(t, workflow, "make "+target+" "), "make "+target, "make --dry-run "+target, 1))
	for line := range strings.Lines(printed) {
		if arguments, is := strings.CutPrefix(line, "go run ./delivery/cmd/release "); is {
			words := strings.Split(shell(`printf '%s\n' `+arguments), "\n")
			if err := o.flags().Parse(words[:len(words)-1]); err != nil {
				t.Fatal(err)
			}
			return o
		}
	}
	t.Fatalf("the step does not call this command:\n%s", printed)
	return o
}

// step returns the step of a workflow that runs the command.
func step(t *testing.T, workflow, command string) string {
	t.Helper()
	source, err := os.ReadFile("../../../.github/workflows/" + workflow)
	if err != nil {
		t.Fatal(err)
	}
	parsed, problems := actionlint.Parse(source)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, job := range parsed.Jobs {
		for _, step := range job.Steps {
			if run, is := step.Exec.(*actionlint.ExecRun); is && strings.Contains(run.Run.Value, command) {
				return run.Run.Value
			}
		}
	}
	t.Fatalf("%s has no step with %q", workflow, command)
	return ""
}

// A release that failed would leave its canary on, so that workflows try again.
func TestWorkflows_Release_HasOwnerRecordAndAttempts(t *testing.T) {
	for workflow, c := range map[string]struct {
		target string
		want   options
	}{
		"deploy.yml":   {"deploy", options{approvedBy: "grace"}},
		"rollback.yml": {"rollback", options{approvedBy: "ada", rollback: true, further: true}},
	} {
		t.Run(workflow, func(t *testing.T) {
			got := releaseOptions(t, workflow, c.target)
			c.want.stage, c.want.owner, c.want.record, c.want.attempts = "prod", "7", "/tmp/run/release.json", 5
			if c.want.commit = got.commit; got != c.want || !c.want.rollback && len(got.commit) != 40 {
				t.Errorf("the options are %+v, want %+v", got, c.want)
			}
		})
	}
}
