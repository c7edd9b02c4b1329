package policy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAttach_PassedDir_SkipsValidatorOnlyForSameTemplates(t *testing.T) {
	t.Setenv("CI", "")
	dir := t.TempDir()
	synth := func(ways ...string) string {
		t.Helper()
		written, _ := runBroken(t, []string{"CDK_VALIDATION=true", "PASSED=" + dir}, ways...)
		return written
	}
	recorded := func() string {
		t.Helper()
		files, err := os.ReadDir(dir)
		if err != nil || len(files) > 1 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		if len(files) == 0 {
			return ""
		}
		return readFile(t, dir+"/"+files[0].Name())
	}
	const finding = "CloudFormation-Validate::F3002"
	if written := synth("validator"); !strings.Contains(written, finding) || recorded() != "" {
		t.Fatalf("a template with a finding: recorded %q\n%s", recorded(), written)
	}
	if written := synth("nothing"); written != "" || recorded() == "" {
		t.Fatalf("a template without: recorded %q\n%s", recorded(), written)
	}
	key := recorded()
	if written := synth("validator"); !strings.Contains(written, finding) || recorded() != key {
		t.Errorf("a finding after a pass:\n%s", written)
	}
	file := filepath.Join(dir, firstFile(t, dir))
	long := time.Now().Add(-time.Hour)
	for _, c := range []struct {
		recorded string
		runs     bool
	}{{key, false}, {"the key of other templates", true}} {
		if err := os.WriteFile(file, []byte(c.recorded), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, long, long); err != nil {
			t.Fatal(err)
		}
		written := synth("nothing")
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if ran := info.ModTime().After(long.Add(time.Minute)); written != "" || ran != c.runs || recorded() != key {
			t.Errorf("with %q the validator ran: %v, recorded %q\n%s", c.recorded, ran, recorded(), written)
		}
	}
}

func firstFile(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files[0].Name()
}

func TestAttach_PassedDirUnderCI_IsNotUsed(t *testing.T) {
	dir := t.TempDir()
	if written, status := runBroken(t, []string{"CDK_VALIDATION=true", "PASSED=" + dir, "CI=true"}, "nothing"); status != 0 {
		t.Fatal(written)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("%d files, %v", len(files), err)
	}
}
