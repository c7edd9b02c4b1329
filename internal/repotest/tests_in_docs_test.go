package repotest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A page names the test of each claim as `TestX`, `pkg.TestX`, `FuzzX` or `TestX/its part`.
// Each must exist, in the package if one is named.
func TestPages_NamedTests_Exist(t *testing.T) {
	existing := testsOfTheRepository(t)
	parts := partsOfTests(t)
	name := regexp.MustCompile("`(?:([a-z0-9_]+)\\.)?((?:Test|Fuzz|Benchmark)[A-Z]\\w+)(?:/([^`]+))?`")
	pages, named := 0, 0
	for _, page := range markdown(t) {
		text := string(MustRead(t, page))
		found := name.FindAllStringSubmatch(text, -1)
		if len(found) > 0 {
			pages++
		}
		for _, match := range found {
			named++
			packages := existing[match[2]]
			if len(packages) == 0 || match[1] != "" && !packages[match[1]] || match[2] == "TestDeployedStage" && match[3] != "" && !parts[match[3]] {
				t.Errorf("%s names %s, which does not exist", page, match[0])
			}
		}
	}
	if pages < 2 || named < 50 {
		t.Errorf("%d pages name %d tests: the pages, or this test, have lost their names", pages, named)
	}
}

// testsOfTheRepository returns the packages with a test, by the test's name.
func testsOfTheRepository(t *testing.T) map[string]map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	existing := map[string]map[string]bool{}
	walk(t, "_test.go", func(path string) {
		for _, match := range declared.FindAllStringSubmatch(string(MustRead(t, path)), -1) {
			if existing[match[1]] == nil {
				existing[match[1]] = map[string]bool{}
			}
			existing[match[1]][filepath.Base(filepath.Dir(path))] = true
		}
	})
	return existing
}

// partsOfTests returns the names in calls of t.Run.
func partsOfTests(t *testing.T) map[string]bool {
	t.Helper()
	run := regexp.MustCompile(`t\.Run\("([^"]+)"`)
	parts := map[string]bool{}
	walk(t, "_test.go", func(path string) {
		for _, match := range run.FindAllStringSubmatch(string(MustRead(t, path)), -1) {
			parts[match[1]] = true
		}
	})
	return parts
}

func markdown(t *testing.T) []string {
	t.Helper()
	var pages []string
	walk(t, ".md", func(path string) { pages = append(pages, path) })
	return pages
}

// walk visits the repository's own files with this ending.
func walk(t *testing.T, ending string, visit func(path string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules" || entry.Name() == "cdk.out"):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(path, ending):
			visit(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
