package repotest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/test/pytool"
)

// zizmor finds what an attacker can abuse in workflows. It reads files only.
// https://docs.zizmor.sh
func zizmor(t *testing.T, path string) (said string, err error) {
	t.Helper()
	program := pytool.Install(t, root, filepath.Join("testdata", "zizmor.txt"), "zizmor")
	out, err := exec.Command(program, "--offline", "--no-progress", "--color", "never", path).CombinedOutput()
	return string(out), err
}

func TestWorkflows_PassZizmor(t *testing.T) {
	if said, err := zizmor(t, filepath.Join(root, ".github", "workflows")); err != nil {
		t.Errorf("zizmor: %v\n%s", err, said)
	}
}

func TestZizmor_UnsafeWorkflow_IsFound(t *testing.T) {
	for name, c := range map[string]struct{ old, new, finding string }{
		"a title in a script":               {"make test", `echo "${{ github.event.issue.title }}"`, "template-injection"},
		"a trigger with the target's token": {"on: push", "on: pull_request_target", "dangerous-triggers"},
		"an action by its tag":              {"@924ae3a1cded613372ab5595356fb5720e22ba16 # v6.5.0", "@v6", "unpinned-uses"},
		"nothing wrong":                     {"make test", "make race", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), ".github", "workflows")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "unsafe.yml")
			source := strings.Replace(sound, "      - uses: ./.github/actions/ours\n", "", 1)
			if err := os.WriteFile(file, []byte(strings.Replace(source, c.old, c.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			said, err := zizmor(t, file)
			if found := err != nil; found != (c.finding != "") || found && !strings.Contains(said, "["+c.finding+"]") {
				t.Errorf("zizmor does not find %q (%v):\n%s", c.finding, err, said)
			}
		})
	}
}
