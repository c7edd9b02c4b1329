package constructs_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocuments_ShowTheExamples keeps the code in README.md and docs/constructs
// compiling: each piece of Go there stands in a test file of this package, word for word.
func TestDocuments_ShowTheExamples(t *testing.T) {
	var sources strings.Builder
	for _, file := range mustGlob(t, "*_test.go") {
		sources.WriteString(unindented(readText(t, file)))
	}
	for _, page := range append(mustGlob(t, "../docs/constructs/*.md"), "../README.md") {
		blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readText(t, page), -1)
		if len(blocks) == 0 {
			t.Errorf("%s shows no example", page)
		}
		for _, block := range blocks {
			if !strings.Contains(sources.String(), unindented(block[1])) {
				t.Errorf("%s: this is in no Example of the package:\n%s", page, block[1])
			}
		}
	}
}

func mustGlob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v, %v", pattern, files, err)
	}
	return files
}

func unindented(text string) string {
	return regexp.MustCompile(`(?m)^\s+`).ReplaceAllString(text, "")
}
