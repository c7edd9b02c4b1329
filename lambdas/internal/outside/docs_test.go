package outside_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/outside-calls.md names the test of every fault it describes.
func TestThePageNamesTestsThatExist(t *testing.T) {
	page, err := os.ReadFile("../../../docs/outside-calls.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z]+)\\.(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(string(page), -1)
	if len(named) < 30 {
		t.Fatalf("the page names only %d tests", len(named))
	}
	for _, name := range named {
		if !strings.Contains(testsOf(t, name[1]), "func "+name[2]+"(t *testing.T)") {
			t.Errorf("there is no %s.%s", name[1], name[2])
		}
	}
}

// testsOf returns the text of a package's tests.
func testsOf(t *testing.T, pkg string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(content)
	}
	return text.String()
}
