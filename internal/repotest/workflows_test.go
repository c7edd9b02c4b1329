package repotest_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
)

func TestWorkflows_HaveNoProblems(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.y*ml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no workflows found (%v)", err)
	}
	project, err := actionlint.NewProject(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			expectProblems(t, workflowProblems(t, source, project))
		})
	}
}

// sound is a workflow without problems. Each case below changes one part of it.
const sound = `on: push
permissions: {contents: read}
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/setup-go@924ae3a1cded613372ab5595356fb5720e22ba16 # v6.5.0
        with:
          go-version-file: go.mod
      - uses: ./.github/actions/ours
      - run: make test
`

func TestWorkflowProblems(t *testing.T) {
	const pin = "@924ae3a1cded613372ab5595356fb5720e22ba16"
	for _, tc := range []struct{ name, old, new, want string }{
		{"nothing wrong", "", "", ""},
		{"a tag", pin, "@v6", "line 8: actions/setup-go@v6: pin the full commit and name its version after it, as in owner/action@<40 hex digits> # v1.2.3"},
		{"a short commit", pin, "@924ae3a", "line 8: actions/setup-go@924ae3a: pin the full commit and name its version after it, as in owner/action@<40 hex digits> # v1.2.3"},
		{"no version beside the commit", " # v6.5.0", "", "line 8: actions/setup-go" + pin + ": pin the full commit and name its version after it, as in owner/action@<40 hex digits> # v1.2.3"},
		{"an image", "actions/setup-go" + pin, "docker://golang:1.26", "line 8: docker://golang:1.26: pin the full commit and name its version after it, as in owner/action@<40 hex digits> # v1.2.3"},
		{"no permissions", "permissions: {contents: read}\n", "", "permissions: say at the top what the token may do; a job that needs more says so itself"},
		{"every permission", "{contents: read}", "write-all", "permissions: say at the top what the token may do; a job that needs more says so itself"},
		{"a write permission for every job", "{contents: read}", "{contents: write}", "permissions: say at the top what the token may do; a job that needs more says so itself"},
		{"no time limit", "    timeout-minutes: 5\n", "", "job test: set timeout-minutes; the default is six hours"},
		{"a file that is gone", "go.mod", "go.mood", "line 10: no file go.mood in the repository"},
		{"a syntax error", "runs-on", "run-on", `line 4: "runs-on" section is missing in job "test"|line 5: unexpected key "run-on" for "job" section. expected one of "concurrency", "container", "continue-on-error", "defaults", "env", "environment", "if", "name", "needs", "outputs", "permissions", "runs-on", "secrets", "services", "snapshot", "steps", "strategy", "timeout-minutes", "uses", "with"`},
		{"an unknown context", "make test", "echo ${{ github.nothing }}", `line 12: property "nothing" is not defined in object type`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := workflowProblems(t, []byte(strings.Replace(sound, tc.old, tc.new, 1)), nil)
			for _, want := range strings.Split(tc.want, "|") {
				if joined := strings.Join(got, "\n"); !strings.Contains(joined, want) || (want == "") != (joined == "") {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
}

var pinned = regexp.MustCompile(`uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v[0-9.]+$`)

// workflowProblems returns the findings of actionlint and of this repository's own rules. The
// project, which may be nil, resolves actions and workflows named by path.
func workflowProblems(t *testing.T, source []byte, project *actionlint.Project) (problems []string) {
	t.Helper()
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	faults, err := linter.Lint("workflow.yml", source, project)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		problems = append(problems, fmt.Sprintf("line %d: %s", f.Line, f.Message))
	}
	workflow, _ := actionlint.Parse(source)
	if !readsOnly(workflow.Permissions) {
		problems = append(problems, "permissions: say at the top what the token may do; a job that needs more says so itself")
	}
	lines := strings.Split(string(source), "\n")
	for name, job := range workflow.Jobs {
		if job.WorkflowCall == nil && job.TimeoutMinutes == nil {
			problems = append(problems, fmt.Sprintf("job %s: set timeout-minutes; the default is six hours", name))
		}
		for _, uses := range actions(job) {
			if line := lines[uses.Pos.Line-1]; !strings.HasPrefix(uses.Value, "./") && !pinned.MatchString(line) {
				problems = append(problems, fmt.Sprintf("line %d: %s: pin the full commit and name its version after it, as in owner/action@<40 hex digits> # v1.2.3", uses.Pos.Line, uses.Value))
			}
		}
		for _, file := range files(job) {
			if _, err := os.Stat(filepath.Join(root, file.Value)); err != nil {
				problems = append(problems, fmt.Sprintf("line %d: no file %s in the repository", file.Pos.Line, file.Value))
			}
		}
	}
	return problems
}

// readsOnly reports whether the workflow's token has no write permission by default.
func readsOnly(p *actionlint.Permissions) bool {
	if p == nil {
		return false
	}
	for _, scope := range p.Scopes {
		if scope.Value.Value == "write" {
			return false
		}
	}
	return p.All == nil || p.All.Value == "read-all"
}

// actions returns the actions of a job's steps, or the workflow that the job calls.
func actions(job *actionlint.Job) (uses []*actionlint.String) {
	if job.WorkflowCall != nil {
		return []*actionlint.String{job.WorkflowCall.Uses}
	}
	for _, step := range job.Steps {
		if action, ok := step.Exec.(*actionlint.ExecAction); ok {
			uses = append(uses, action.Uses)
		}
	}
	return uses
}

// files returns the files of the repository that a job's set-up steps name. A set-up action
// fails the run if its cache file is missing.
func files(job *actionlint.Job) (named []*actionlint.String) {
	for _, step := range job.Steps {
		if action, ok := step.Exec.(*actionlint.ExecAction); ok {
			for _, input := range []string{"go-version-file", "cache-dependency-path"} {
				if in := action.Inputs[input]; in != nil {
					named = append(named, in.Value)
				}
			}
		}
	}
	return named
}
