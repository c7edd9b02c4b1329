package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const released = `// Package shop is a library.
package shop

// Props are the props of New.
type Props struct {
	Name string
	Days int
}

// Shop is a shop.
type Shop struct{}

// Open opens the shop.
func (*Shop) Open() {}

// New makes a Shop.
func New(p *Props) *Shop { return nil }
`

// newLibrary makes a repository with one release of a library.
func newLibrary(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/shop\n\ngo 1.26.0\n")
	write(t, dir, "shop.go", released)
	write(t, dir, "internal/till/till.go", "package till\n\nfunc Count() {}\n")
	write(t, dir, "CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n### Breaking\n\n- `Props.Days`: an older entry\n")
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."},
		{"-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "release"},
		{"tag", "v0.1.0"},
	} {
		if _, err := git(dir, args...); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRun_IncompatibleChange_MustBeAnnounced(t *testing.T) {
	for _, tc := range []struct {
		name, old, new, unreleased string
		status                     int
		want                       string
	}{
		{"nothing", "", "", "", 0, "0 incompatible changes"},
		{"field added", "\tDays int\n", "\tDays int\n\tHours int\n", "", 0, "0 incompatible changes"},
		{"field removed", "\tDays int\n", "", "", 1, "- `Props.Days`: what users do instead"},
		{"field of another type", "Days int", "Days int64", "", 1, "Props.Days: changed from int to int64"},
		{"method removed", "func (*Shop) Open() {}", "", "", 1, "- `Shop.Open`"},
		{"function renamed", "func New(", "func Make(", "", 1, "- `New`"},
		{"announced", "\tDays int\n", "", "### Breaking\n\n- `Props.Days`: use `Props.Hours`\n\n", 0, "1 incompatible changes, 0 of them unannounced"},
		{"announced elsewhere", "\tDays int\n", "", "### Added\n\n- `Props.Days`\n\n", 1, "- `Props.Days`"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := newLibrary(t)
			write(t, dir, "shop.go", strings.Replace(released, tc.old, tc.new, 1))
			write(t, dir, "internal/till/till.go", "package till\n") // no user can import it
			write(t, dir, "CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n"+tc.unreleased+"## 0.1.0\n\n### Breaking\n\n- `Props.Days`: an older entry\n")
			var output bytes.Buffer
			status := run(dir, "", []string{"./..."}, &output, &output)
			if status != tc.status || !strings.Contains(output.String(), tc.want) {
				t.Errorf("status %d, want %d; output %s", status, tc.status, &output)
			}
		})
	}
}

func TestRun_NoRelease_ExitsWithZero(t *testing.T) {
	dir := newLibrary(t)
	if _, err := git(dir, "tag", "--delete", "v0.1.0"); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	if status := run(dir, "", []string{"./..."}, &output, &output); status != 0 || !strings.Contains(output.String(), "no release yet") {
		t.Errorf("status %d, output %s", status, &output)
	}
}

func TestRun_UnknownBase_IsError(t *testing.T) {
	var output bytes.Buffer
	if status := run(newLibrary(t), "v9", []string{"./..."}, &output, &output); status != 2 || !strings.Contains(output.String(), "v9") {
		t.Errorf("status %d, output %s", status, &output)
	}
}

func TestRun_CompileError_IsError(t *testing.T) {
	dir := newLibrary(t)
	write(t, dir, "shop.go", "package shop\n\nfunc New() int { return \"\" }\n")
	var output bytes.Buffer
	if status := run(dir, "", []string{"./..."}, &output, &output); status != 2 || !strings.Contains(output.String(), "load the working tree") {
		t.Errorf("status %d, output %s", status, &output)
	}
}

// The test has a folder for temporary files of its own.
func TestRun_TemporaryFolder_IsEmptyAfterwards(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	dir := newLibrary(t)
	for _, base := range []string{"", "v9"} {
		var output bytes.Buffer
		run(dir, base, []string{"./..."}, &output, &output)
		left, err := os.ReadDir(temporary)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range left {
			if strings.HasPrefix(entry.Name(), "apicompat-") {
				t.Errorf("base %q: %s is left in the temporary folder", base, entry.Name())
			}
		}
	}
}

// docs/versioning.md says which packages the versions are about.
func TestLibraryPackages_Each_IsOnPageOfVersions(t *testing.T) {
	page, err := os.ReadFile("../../docs/versioning.md")
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command("go", append([]string{"list", "-f", `{{if ne .Name "main"}}{{.ImportPath}}{{end}}`}, libraryPackages...)...)
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	if len(packages) < 5 {
		t.Errorf("the library has the packages %v", packages)
	}
	for _, path := range packages {
		if name := strings.TrimPrefix(path, "github.com/expenzez/infrastructure/"); !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/versioning.md does not name %s", name)
		}
	}
}
