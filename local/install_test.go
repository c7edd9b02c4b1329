package local

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func containsAll(s string, parts ...string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(s, part) })
}

func write(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

func TestFindTool_MissingOrOld_SaysWhereToGetIt(t *testing.T) {
	tool := tool{"Sample", []string{"sample", "sample3.12"}, []string{"--version"}, [2]int{3, 11}, "https://example.com"}
	for _, c := range []struct {
		name    string
		prints  map[string]string // what each command in the path prints
		want    string
		message []string
	}{
		{name: "new enough", prints: map[string]string{"sample": "Sample 3.11.7"}, want: "sample"},
		{name: "minor versions are numbers", prints: map[string]string{"sample": "v3.9.1"}, message: []string{"too old", "3.9.1", "3.11 or later", "https://example.com"}},
		{name: "a higher major version", prints: map[string]string{"sample": "go version go4.0 linux"}, want: "sample"},
		{name: "another name is new enough", prints: map[string]string{"sample": "2.7", "sample3.12": "3.12.1"}, want: "sample3.12"},
		{name: "missing", message: []string{"Sample is not installed", "3.11 or later", "https://example.com"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bin := t.TempDir()
			for command, prints := range c.prints {
				write(t, filepath.Join(bin, command), fmt.Sprintf("#!/bin/sh\necho '%s'\n", prints), 0o755)
			}
			t.Setenv("PATH", bin)
			got, err := tool.find(t.Context())
			if c.want != "" && (err != nil || got != filepath.Join(bin, c.want)) {
				t.Errorf("found %q, %v", got, err)
			}
			if c.want == "" && (err == nil || !containsAll(err.Error(), c.message...)) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestCheckTools_NamesEveryMissingTool(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := CheckTools(t.Context())
	if err == nil || !containsAll(err.Error(), "Go is not installed", "Node.js is not installed", "npm is not installed", "Python is not installed") {
		t.Errorf("the error is %v", err)
	}
}

// pythonScript stands in for Python: it notes every installation, makes virtual
// environments that hold itself, and refuses requirements that say so.
const pythonScript = `#!/bin/sh
case "$*" in
--version) echo "Python 3.12.0" ;;
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip install "*"--require-hashes"*)
	for requirements; do :; done
	if grep -q broken "$requirements"; then echo "no such package" >&2; exit 1; fi
	sleep 0.1; echo installed >>"$INSTALLATIONS" ;;
*) echo "unexpected: $*" >&2; exit 2 ;;
esac
`

func TestInstallEngine_ConcurrentCalls_InstallOnce(t *testing.T) {
	root := t.TempDir()
	requirements := filepath.Join(root, "local", "engine", "requirements.txt")
	installations := filepath.Join(root, "installations")
	write(t, filepath.Join(root, "path", "python3"), pythonScript, 0o755)
	t.Setenv("PATH", filepath.Join(root, "path")+":"+os.Getenv("PATH"))
	t.Setenv("INSTALLATIONS", installations)
	install := func() error {
		python, err := ensureVenv(t.Context(), root, t.Logf)
		if err == nil {
			_, err = os.Stat(python)
		}
		return err
	}
	requireInstallations := func(want int) {
		t.Helper()
		noted, err := os.ReadFile(installations)
		if got := strings.Count(string(noted), "installed"); err != nil || got != want {
			t.Errorf("installed %d times, want %d (%v)", got, want, err)
		}
	}

	write(t, requirements, "engine==1\n", 0o600)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if err := install(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	requireInstallations(1)

	write(t, requirements, "broken==1\n", 0o600)
	for range 2 { // a failed installation is not taken for a finished one
		if err := install(); err == nil || !containsAll(err.Error(), "pip install", "no such package") {
			t.Errorf("the error is %v", err)
		}
	}
	write(t, requirements, "engine==2\n", 0o600)
	if err := install(); err != nil {
		t.Error(err)
	}
	requireInstallations(2)
}

func TestIsNPMCurrent_ComparesWithLockFile(t *testing.T) {
	const lock = `{"packages":{"":{"version":"9"},"node_modules/cdk":{"version":"2.1"},"node_modules/mac":{"version":"1.0","optional":true}}}`
	for name, c := range map[string]struct {
		installed string // empty for no node_modules
		want      bool
	}{
		"nothing installed":         {"", false},
		"as locked":                 {`{"packages":{"node_modules/cdk":{"version":"2.1"},"node_modules/mac":{"version":"1.0"}}}`, true},
		"without the optional one":  {`{"packages":{"node_modules/cdk":{"version":"2.1"}}}`, true},
		"another version":           {`{"packages":{"node_modules/cdk":{"version":"2.0"}}}`, false},
		"another optional version":  {`{"packages":{"node_modules/cdk":{"version":"2.1"},"node_modules/mac":{"version":"0.9"}}}`, false},
		"a package is missing":      {`{"packages":{"node_modules/mac":{"version":"1.0"}}}`, false},
		"more than what is locked":  {`{"packages":{"node_modules/cdk":{"version":"2.1"},"node_modules/old":{"version":"1.0"}}}`, true},
		"the root's version is not": {`{"packages":{"":{"version":"1"},"node_modules/cdk":{"version":"2.1"}}}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, filepath.Join(root, "package-lock.json"), lock, 0o600)
			if c.installed != "" {
				write(t, filepath.Join(root, "node_modules", ".package-lock.json"), c.installed, 0o600)
			}
			if got, err := isNPMCurrent(root); err != nil || got != c.want {
				t.Errorf("current is %v, %v", got, err)
			}
		})
	}
}
