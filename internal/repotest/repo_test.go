package repotest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the path of the repository from this package.
const root = "../.."

// MustRead returns a file of the repository or ends the test.
func MustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// expectProblems fails the test unless got and want hold the same problems.
func expectProblems(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %d problems:\n%s\nwant %d:\n%s", len(got), strings.Join(got, "\n"), len(want), strings.Join(want, "\n"))
	}
}
