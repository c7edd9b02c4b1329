package changes_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The workflow "changes" takes these steps: a snapshot of each commit, and the comparison. The
// change drops a table.
func TestMake_SnapshotAndChanges_RefuseWithoutLabel(t *testing.T) {
	base, head, comment := filepath.Join(t.TempDir(), "base"), filepath.Join(t.TempDir(), "head"), filepath.Join(t.TempDir(), "comment.md")
	if code, out := runMake(t, "", "snapshot", "OUT="+base); code != 0 {
		t.Fatalf("make snapshot: status %d\n%s", code, out)
	}
	if err := os.CopyFS(head, os.DirFS(base)); err != nil {
		t.Fatal(err)
	}
	dropTable(t, filepath.Join(head, "dev"))
	compare := []string{"changes", "BASE=" + base, "HEAD=" + head, "OUT=" + comment}
	if code, out := runMake(t, "", compare...); code == 0 || !strings.Contains(out, "with the label allow-destructive") {
		t.Errorf("without a label: status %d\n%s", code, out)
	}
	text, err := os.ReadFile(comment)
	if err != nil || !strings.Contains(string(text), "AWS::DynamoDB::Table") {
		t.Errorf("%v, the comment is\n%s", err, text)
	}
	planted := filepath.Join(t.TempDir(), "planted")
	stranger := "$(shell touch " + planted + "),\"; touch " + planted + "; \",`touch " + planted + "`"
	if code, out := runMake(t, stranger, compare...); code == 0 {
		t.Errorf("with other labels: status %d\n%s", code, out)
	}
	if _, err := os.Stat(planted); !errors.Is(err, os.ErrNotExist) {
		t.Error("the name of a label was run as a command")
	}
	if code, out := runMake(t, "documentation,allow-destructive", compare...); code != 0 {
		t.Errorf("with the label: status %d\n%s", code, out)
	}
}

// runMake runs make in the project with the labels in the environment, as the workflow does.
func runMake(t *testing.T, labels string, args ...string) (int, string) {
	t.Helper()
	command := exec.Command("make", append([]string{"-C", "../..", "-s"}, args...)...)
	command.Env = append(os.Environ(), "LABELS="+labels)
	out, err := command.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), string(out)
}

// dropTable removes a table from the template of the stack "core" in the folder.
func dropTable(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*-core.template.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var template map[string]any
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	resources := template["Resources"].(map[string]any)
	for id, resource := range resources {
		if resource.(map[string]any)["Type"] != "AWS::DynamoDB::Table" {
			continue
		}
		delete(resources, id)
		if text, err = json.Marshal(template); err == nil {
			err = os.WriteFile(files[0], text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("%s has no table", files[0])
}
