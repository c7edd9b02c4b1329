package repotest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
)

// Workflows only call: each line of a step is make with targets that exist, a command of
// this repository, or GitHub's own program. What they call has tests of its own.
func TestWorkflows_Steps_CallCommandsThatExist(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.y*ml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no workflows found (%v)", err)
	}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		workflow, _ := actionlint.Parse(source)
		for _, job := range workflow.Jobs {
			for _, step := range job.Steps {
				run, is := step.Exec.(*actionlint.ExecRun)
				if !is || run.Shell != nil { // comment.yml has a script, which delivery/changes tests
					continue
				}
				for _, line := range strings.Split(strings.TrimSpace(run.Run.Value), "\n") {
					if problem := commandProblem(t, line); problem != "" {
						t.Errorf("%s, line %d: %s: %s", filepath.Base(path), run.Run.Pos.Line, line, problem)
					}
				}
			}
		}
	}
}

func TestCommandProblem_UnknownCommand_IsNamed(t *testing.T) {
	for line, want := range map[string]string{
		"make test race": "",
		`make deploy STAGE="$STAGE" PREFLIGHT="-lookup -before mail"`:           "",
		"go run ./internal/apicompat":                                           "",
		`A="$(go run ./internal/apicompat x)" make -C base test > "$OUT/x.txt"`: "",
		"gh run download 7":         "",
		"make deplyo":               "the Makefile has no target deplyo",
		"make":                      "make without a target",
		"go run ./internal/nothing": "there is no command ./internal/nothing",
		"curl https://example.com/install.sh | sh":  "call make, go run ./… or gh",
		`A="$(curl https://example.com)" make test`: "call make, go run ./… or gh",
		"make test && rm -rf .":                     "call make, go run ./… or gh",
	} {
		if got := commandProblem(t, line); got != want {
			t.Errorf("%s: %q, not %q", line, got, want)
		}
	}
}

var (
	assignment = regexp.MustCompile(`^[A-Z_]+="\$\((go run [^()&|;]+)\)" `)
	// Without text in quotes, a command has no separator, so that it is one.
	quoted    = regexp.MustCompile(`"[^"]*"`)
	separator = regexp.MustCompile("[;&|`()]")
)

// commandProblem returns what is wrong with a line of a step, or nothing.
func commandProblem(t *testing.T, line string) string {
	t.Helper()
	if set := assignment.FindStringSubmatch(line); set != nil {
		if problem := commandProblem(t, set[1]); problem != "" {
			return problem
		}
		line = line[len(set[0]):]
	}
	const allowed = "call make, go run ./… or gh"
	if separator.MatchString(quoted.ReplaceAllString(line, `""`)) {
		return allowed
	}
	words := strings.Fields(quoted.ReplaceAllString(line, `""`))
	switch {
	case words[0] == "make":
		return makeProblem(t, words[1:])
	case len(words) > 2 && words[0] == "go" && words[1] == "run" && strings.HasPrefix(words[2], "./"):
		if _, err := os.Stat(filepath.Join(root, words[2])); err != nil {
			return "there is no command " + words[2]
		}
	case words[0] != "gh":
		return allowed
	}
	return ""
}

func makeProblem(t *testing.T, words []string) string {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	targets := 0
	for i, word := range words {
		if strings.HasPrefix(word, ">") {
			break
		}
		if strings.HasPrefix(word, "-") || strings.Contains(word, "=") || i > 0 && words[i-1] == "-C" {
			continue
		}
		if !strings.Contains("\n"+string(makefile), "\n"+word+": ") {
			return "the Makefile has no target " + word
		}
		targets++
	}
	if targets == 0 {
		return "make without a target"
	}
	return ""
}
