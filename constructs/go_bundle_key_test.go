package constructs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/constructs"
)

// bundleVariable makes TestMain build a bundle and exit, because a process builds a
// bundle once.
const bundleVariable = "CONSTRUCTS_TEST_BUNDLE"

// buildBundle builds the bundle of the folder that bundleVariable names and reports
// whether there is one.
func buildBundle() (exit int, asked bool) {
	dir := os.Getenv(bundleVariable)
	if dir == "" {
		return 0, false
	}
	if _, err := (constructs.GoBundle{Package: "./cmd", Dir: dir}).Folder(constructs.X8664); err != nil {
		os.Stderr.WriteString(err.Error())
		return 1, true
	}
	return 0, true
}

func TestGoBundle_LaterProcess_BuildsOnlyChangedSources(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const main = "package main\n\nimport (\n\t_ \"embed\"\n\n\t\"example.com/one/used\"\n)\n\n//go:embed page.txt\nvar page string\n\nfunc main() { println(page, used.Text) }\n"
	put("go.mod", "module example.com/one\n\ngo 1.26\n")
	put("cmd/main.go", main)
	put("cmd/page.txt", "one")
	put("used/used.go", "package used\n\nconst Text = \"one\"\n")
	put("other/other.go", "package other\n")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour)
	built := func() bool {
		t.Helper()
		files, _ := filepath.Glob(filepath.Join(dir, ".build", "*", "bootstrap"))
		for _, file := range files {
			if err := os.Chtimes(file, long, long); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), bundleVariable+"="+dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		files, _ = filepath.Glob(filepath.Join(dir, ".build", "*", "bootstrap"))
		if len(files) != 1 {
			t.Fatalf("found %v", files)
		}
		info, err := os.Stat(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime().After(long.Add(time.Minute))
	}
	if !built() {
		t.Fatal("the first process built nothing")
	}
	for _, c := range []struct {
		name, file, text string
		want             bool
	}{
		{"nothing changed", "cmd/main.go", main, false},
		{"another package", "other/other.go", "package other\n\nconst A = 1\n", false},
		{"a test", "used/used_test.go", "package used\n", false},
		{"its own source", "cmd/main.go", main + "\nvar _ = 1\n", true},
		{"an embedded file", "cmd/page.txt", "two", true},
		{"an imported package", "used/used.go", "package used\n\nconst Text = \"two\"\n", true},
		{"a new file", "used/more.go", "package used\n", true},
		{"the module's file", "go.mod", "module example.com/one\n\ngo 1.25\n", true},
		{"nothing changed again", "go.mod", "module example.com/one\n\ngo 1.25\n", false},
	} {
		put(c.file, c.text)
		if got := built(); got != c.want {
			t.Errorf("%s: built %v", c.name, got)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, ".build", "*", "bootstrap"))
	if err := os.WriteFile(files[0], []byte("damaged"), 0o755); err != nil {
		t.Fatal(err)
	}
	if !built() {
		t.Error("a damaged executable was kept")
	}
	put("go.work", "go 1.26\n\nuse .\n")
	if !built() {
		t.Error("a workspace, of which the key does not know all files, was not built")
	}
}
