package repotest_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// Packages that only the local stage may use, by the beginning of their import paths.
var localOnly = []string{
	"github.com/corazawaf/",
	"github.com/dop251/goja",
	"github.com/expenzez/infrastructure/local",
}

func TestDeployedBinaries_ImportNoLocalPackages(t *testing.T) {
	expectProblems(t, localImports(t, ".", "./lambdas/.../bootstrap"))
}

func TestLocalImports(t *testing.T) {
	if got := localImports(t, "./local/webacl/crs"); len(got) < 2 {
		t.Errorf("the web ACL's stand-in imports %v, want Coraza and a local package", got)
	}
}

// localImports returns the packages in localOnly that the packages depend on.
func localImports(t *testing.T, packages ...string) (found []string) {
	t.Helper()
	list := exec.Command("go", append([]string{"list", "-deps", "-f", "{{.ImportPath}}"}, packages...)...)
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(out))
	if len(lines) < 100 {
		t.Fatalf("only %d packages: %s", len(lines), out)
	}
	for _, path := range lines {
		for _, prefix := range localOnly {
			if strings.HasPrefix(path, prefix) {
				found = append(found, fmt.Sprintf("%s is for the local stage only", path))
			}
		}
	}
	return found
}
