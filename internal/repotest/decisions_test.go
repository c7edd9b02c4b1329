package repotest_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func TestDecisionPagesAreCompleteAndListed(t *testing.T) {
	expectProblems(t, decisionProblems(t, os.DirFS(filepath.Join(root, "docs", "decisions"))))
}

func TestDecisionProblems(t *testing.T) {
	const index = "| [0001](0001-a.md) | A |\n"
	const page = "# 0001: A\n\n## Context\n\nx\n\n## Decision\n\ny\n\n## Consequence\n\nz\n"
	for _, tc := range []struct {
		name, index, file, page string
		want                    []string
	}{
		{"nothing wrong", index, "0001-a.md", page, nil},
		{"not listed", "", "0001-a.md", page, []string{"0001-a.md: README.md does not list it"}},
		{"listed but gone", index + "[0002](0002-b.md)", "0001-a.md", page, []string{"README.md lists 0002-b.md, which does not exist"}},
		{"a gap", strings.ReplaceAll(index, "0001", "0002"), "0002-a.md", strings.ReplaceAll(page, "0001", "0002"), []string{"0002-a.md: the next free number is 0001"}},
		{"another number in the title", index, "0001-a.md", strings.Replace(page, "0001", "0002", 1), []string{"0001-a.md: the title must begin with # 0001: "}},
		{"no consequence", index, "0001-a.md", strings.Replace(page, "## Consequence", "", 1), []string{"0001-a.md: want the sections Context, Decision, Consequence, in this order"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pages := fstest.MapFS{"README.md": {Data: []byte(tc.index)}, tc.file: {Data: []byte(tc.page)}}
			expectProblems(t, decisionProblems(t, pages), tc.want...)
		})
	}
}

var (
	pageLink = regexp.MustCompile(`\(([0-9]{4}-[a-z0-9-]+\.md)\)`)
	sections = regexp.MustCompile(`(?s)\n## Context\n.+\n## Decision\n.+\n## Consequence\n.+`)
)

// decisionProblems compares the decision pages with their index and their form.
func decisionProblems(t *testing.T, dir fs.FS) (problems []string) {
	t.Helper()
	index, err := fs.ReadFile(dir, "README.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, link := range pageLink.FindAllStringSubmatch(string(index), -1) {
		listed[link[1]] = true
	}
	names, err := fs.Glob(dir, "[0-9]*.md") // sorted
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		page, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		number := fmt.Sprintf("%04d", i+1)
		if !listed[name] {
			problems = append(problems, name+": README.md does not list it")
		}
		if !strings.HasPrefix(name, number) {
			problems = append(problems, name+": the next free number is "+number)
		} else if !strings.HasPrefix(string(page), "# "+number+": ") {
			problems = append(problems, name+": the title must begin with # "+number+": ")
		}
		if !sections.Match(page) {
			problems = append(problems, name+": want the sections Context, Decision, Consequence, in this order")
		}
		delete(listed, name)
	}
	for name := range listed {
		problems = append(problems, "README.md lists "+name+", which does not exist")
	}
	return problems
}
